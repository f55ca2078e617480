import django.db.models.deletion
from django.db import migrations, models


def mark_stale(*, in_order: bool) -> str:
    """Give the trigger function that marks deals stale; the newer one locks their rows in the order of ids first."""
    lock = """PERFORM 1 FROM deals_alignment WHERE deal_id IN (SELECT deal_id FROM changed_rows)
            ORDER BY deal_id FOR NO KEY UPDATE;"""
    return f"""
    CREATE OR REPLACE FUNCTION deals_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {lock if in_order else ""}
        UPDATE deals_alignment SET inputs_version = inputs_version + 1, urgent = urgent OR deals_urgent(),
            attempts = 0, stale_since = COALESCE(stale_since, now())
            WHERE deal_id IN (SELECT DISTINCT deal_id FROM changed_rows);
        RETURN NULL;
    END $$;
    """


# One row for the whole database: when a sweep last looked.
HEARTBEAT = """
CREATE TABLE deals_heartbeat (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), beat_at timestamptz NOT NULL);
INSERT INTO deals_heartbeat (beat_at) VALUES (now());
"""


class Migration(migrations.Migration):
    """Jobs that recompute many deals are cut into stretches; the sweep says when it last looked."""

    dependencies = [
        ("accounts", "0002_first_admin_is_invited_by_nobody"),
        ("buying_process", "0005_codes_followed"),
        ("deals", "0005_signal_paths"),
        ("jobs", "0002_pauses"),
    ]
    operations = [
        migrations.CreateModel(
            name="Stretch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moves", models.BooleanField(default=False)),
                ("after", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("deals", models.PositiveIntegerField()),
                ("moved", models.PositiveIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jobs.job"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="buying_process.version",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "verbose_name_plural": "stretches",
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)), fields=["id"], name="deals_stretches_left"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="alignment",
            index=models.Index(
                condition=models.Q(("attempts__gt", 0), ("scored_version__lt", models.F("inputs_version"))),
                fields=["attempts", "deal"],
                name="deals_tried",
            ),
        ),
        migrations.RunSQL(sql=mark_stale(in_order=True), reverse_sql=mark_stale(in_order=False)),
        migrations.RunSQL(sql=HEARTBEAT, reverse_sql="DROP TABLE deals_heartbeat;"),
    ]
