import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("buying_process", "0009_channels_of_our_activities"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hearing",
            name="buying_process_hearing_of_all",
        ),
        migrations.AlterField(
            model_name="hearing",
            name="process",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="hearing", to="buying_process.process"
            ),
        ),
    ]
