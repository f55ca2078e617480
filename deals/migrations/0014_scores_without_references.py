import django.db.models.deletion
from django.db import migrations, models


def loose(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        to=to,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


class Migration(migrations.Migration):
    """A score names its fit and a stage, and the database looks neither up for each score that is stored."""

    dependencies = [
        ("buying_process", "0010_hearing_is_of_a_process"),
        ("deals", "0013_open_deals_by_stage"),
    ]
    operations = [
        # What takes longer than a moment to get at the tables is tried anew rather than waited for.
        migrations.RunSQL(sql="SET LOCAL lock_timeout = '10s'", reverse_sql=migrations.RunSQL.noop),
        migrations.AlterField(model_name="alignment", name="fit", field=loose("buying_process.fit")),
        migrations.AlterField(model_name="alignment", name="likely_stage", field=loose("buying_process.stage")),
        migrations.RunSQL(sql=migrations.RunSQL.noop, reverse_sql="SET LOCAL lock_timeout = '10s'"),
    ]
