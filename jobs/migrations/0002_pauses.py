from django.db import migrations, models


class Migration(migrations.Migration):
    """A job may be paused; one that gets on is never given up."""

    dependencies = [("jobs", "0001_initial")]
    operations = [
        migrations.AddField("job", "can_pause", models.BooleanField(default=False)),
        migrations.AddField("job", "fruitless", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField(
            "job",
            "state",
            models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
    ]
