from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists are narrowed and counted from their indexes alone, which are made while deals are written."""

    atomic = False
    dependencies = [("deals", "0014_scores_without_references")]
    operations = [
        AddIndexConcurrently(
            model_name="deal",
            index=models.Index(
                fields=["workspace", "outcome", "opened_at", "id"],
                include=["owner", "segment", "version", "stage"],
                name="deals_by_outcome_and_opening",
            ),
        ),
        AddIndexConcurrently(
            model_name="alignment",
            index=models.Index(
                fields=["workspace", "score", "deal"], include=["likely_stage"], name="deals_by_score_and_place"
            ),
        ),
    ]
