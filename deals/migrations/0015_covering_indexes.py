from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists are narrowed and counted from their indexes alone, which are made while deals are written."""

    atomic = False
    dependencies = [("deals", "0014_scores_without_references")]
    operations = [
        migrations.RenameIndex(model_name="deal", old_name="deals_by_outcome", new_name="deals_by_outcome_alone"),
        AddIndexConcurrently(
            model_name="deal",
            index=models.Index(
                fields=["workspace", "outcome", "opened_at", "id"],
                include=["owner", "segment", "version", "stage"],
                name="deals_by_outcome",
            ),
        ),
        RemoveIndexConcurrently(model_name="deal", name="deals_by_outcome_alone"),
        migrations.RenameIndex(model_name="alignment", old_name="deals_by_score", new_name="deals_by_score_alone"),
        AddIndexConcurrently(
            model_name="alignment",
            index=models.Index(
                fields=["workspace", "score", "deal"], include=["likely_stage"], name="deals_by_score"
            ),
        ),
        RemoveIndexConcurrently(model_name="alignment", name="deals_by_score_alone"),
        # The reference to the version has an index of its own.
        RemoveIndexConcurrently(model_name="deal", name="deals_by_version"),
    ]
