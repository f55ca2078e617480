from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What the filters of the record offer is read from indexes, which are made while events are written."""

    atomic = False
    dependencies = [("audit", "0003_search_by_words")]
    operations = [
        AddIndexConcurrently(
            model_name="auditevent", index=models.Index(fields=["workspace", "actor_label"], name="audit_by_person")
        ),
        AddIndexConcurrently(
            model_name="auditevent", index=models.Index(fields=["workspace", "verb"], name="audit_by_verb")
        ),
    ]
