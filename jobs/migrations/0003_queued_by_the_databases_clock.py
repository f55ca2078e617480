from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """A job knows since when it waits by the database's clock, which those of the web and of workers may differ from."""

    dependencies = [("jobs", "0002_pauses")]
    operations = [migrations.AlterField("job", "beat_at", models.DateTimeField(db_default=Now(), null=True))]
