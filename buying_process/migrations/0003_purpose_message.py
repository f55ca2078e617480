from django.db import migrations, models


class Migration(migrations.Migration):
    """Say what an activity is for in plainer words; the rule itself stays."""

    dependencies = [("buying_process", "0002_immutable_versions")]
    operations = [
        migrations.AlterConstraint(
            model_name="stageactivity",
            name="buying_process_actor_purpose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor", "customer"), ("purpose__in", ["own", "not_relevant"])),
                    models.Q(
                        models.Q(("actor", "customer"), _negated=True),
                        ("purpose__in", ["facilitates", "independent"]),
                    ),
                    _connector="OR",
                ),
                name="buying_process_actor_purpose",
                violation_error_message="A customer's activity is their own or not relevant to us; ours helps or is ours alone.",
            ),
        ),
    ]
