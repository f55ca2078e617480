import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """By which channels what we do reaches the customer."""

    dependencies = [
        ("buying_process", "0008_edits_keep_what_a_draft_rests_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="stageactivity",
            name="channels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("online", "Online"),
                        ("traditional", "Traditional"),
                        ("partner", "Partner"),
                        ("sales", "Sales"),
                    ],
                    max_length=12,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
    ]
