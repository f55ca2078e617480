from django.db import migrations, models


class Migration(migrations.Migration):
    """What a draft rested on, and the intervals of its moves, before and after an edit."""

    dependencies = [
        ("buying_process", "0007_undo_skills_and_what_is_accepted"),
    ]

    operations = [
        migrations.AddField(
            model_name="edit",
            name="basis",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="edit",
            name="intervals",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
