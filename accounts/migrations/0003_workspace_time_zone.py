import accounts.validators
from django.db import migrations, models

BATCH = 500


def take_the_founders(apps, schema_editor):
    """Files were read in the time zone of whoever imported them: go on with the one of who was there first."""
    Workspace = apps.get_model("accounts", "Workspace")
    founders = (
        apps.get_model("accounts", "Membership").objects.order_by("workspace", "pk").distinct("workspace").values_list("workspace", "user__time_zone")
    )
    changed = [Workspace(pk=pk, time_zone=zone) for pk, zone in founders.iterator(BATCH) if zone != "UTC"]
    Workspace.objects.bulk_update(changed, ["time_zone"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_first_admin_is_invited_by_nobody")]
    operations = [
        migrations.AddField(
            model_name="workspace",
            name="time_zone",
            field=models.CharField(default="UTC", max_length=60, validators=[accounts.validators.validate_time_zone]),
        ),
        migrations.RunPython(take_the_founders, migrations.RunPython.noop, elidable=True),
    ]
