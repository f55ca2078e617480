"""Until now the score of a suggestion was the model's own."""

from django.db import migrations
from django.db.models import F

BATCH = 5_000


def copy_score(apps, schema_editor):
    rows = apps.get_model("interviews", "Suggestion")._base_manager.using(schema_editor.connection.alias)
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=keys).update(likeness=F("score"))
        last = keys[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("interviews", "0004_coders_readings_and_lessons"),
    ]

    operations = [
        migrations.RunPython(copy_score, migrations.RunPython.noop),
    ]
