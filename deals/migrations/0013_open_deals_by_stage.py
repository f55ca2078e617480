from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Open deals are counted and ranked by stage from an index, which is made while deals are written."""

    atomic = False
    dependencies = [("deals", "0012_points_without_references")]
    operations = [
        AddIndexConcurrently(
            model_name="deal",
            index=models.Index(
                fields=["workspace", "version", "stage"],
                include=["id", "owner", "amount"],
                name="deals_open_by_stage",
                condition=models.Q(outcome="open"),
            ),
        ),
    ]
