import django.db.models.deletion
from django.db import migrations, models

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
WORKSPACE = models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace")


class Migration(migrations.Migration):
    """Proposals beside a draft, what people pinned, and what a derivation was made from."""

    dependencies = [
        ("accounts", "0002_first_admin_is_invited_by_nobody"),
        ("buying_process", "0003_how_sure_and_erasure"),
    ]

    operations = [
        migrations.AddField("stage", "pinned", models.BooleanField(default=False)),
        migrations.AddField("stageactivity", "pinned", models.BooleanField(default=False)),
        migrations.AddField("stageneed", "pinned", models.BooleanField(default=False)),
        migrations.AddField("transition", "seen_in_deals", models.FloatField(default=0.0)),
        migrations.AddField("version", "deal_weight", models.FloatField(default=0.0)),
        migrations.AddField(
            "version",
            "proposed_for",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="buying_process.version",
            ),
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", ID),
                ("options", models.JSONField(default=dict)),
                ("interviews", models.JSONField(default=list)),
                ("deals", models.JSONField(default=dict)),
                ("program", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="run",
                        to="buying_process.version",
                    ),
                ),
                ("workspace", WORKSPACE),
            ],
            options={"ordering": ["version"]},
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", ID),
                ("part", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="buying_process.version",
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                ("workspace", WORKSPACE),
            ],
            options={
                "ordering": ["proposal", "part"],
                "constraints": [
                    models.UniqueConstraint(fields=("proposal", "part"), name="buying_process_refusal_once")
                ],
            },
        ),
    ]
