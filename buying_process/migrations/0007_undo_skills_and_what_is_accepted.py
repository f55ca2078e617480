import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


GUARD = """
CREATE FUNCTION buying_process_stageactivity_skills_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current_status text;
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('salesflow.erase', true) = 'on' THEN RETURN OLD; END IF;
    SELECT version.status INTO current_status FROM buying_process_version version
        JOIN buying_process_stage stage ON stage.version_id = version.id
        JOIN buying_process_stageactivity activity ON activity.stage_id = stage.id
        WHERE activity.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.stageactivity_id ELSE NEW.stageactivity_id END;
    IF current_status <> 'draft' THEN
        RAISE EXCEPTION 'a published version is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER buying_process_stageactivity_skills_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON buying_process_stageactivity_skills
    FOR EACH ROW EXECUTE FUNCTION buying_process_stageactivity_skills_frozen();
"""
UNGUARD = """
DROP TRIGGER buying_process_stageactivity_skills_frozen ON buying_process_stageactivity_skills;
DROP FUNCTION buying_process_stageactivity_skills_frozen();
"""


class Migration(migrations.Migration):
    """Edits that can be undone, skills that our activities take, and findings that a person accepted as intended."""

    dependencies = [
        ("accounts", "0002_first_admin_is_invited_by_nobody"),
        ("buying_process", "0006_what_was_heard"),
    ]

    operations = [
        migrations.CreateModel(
            name="Skill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=300)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="stageactivity",
            name="skills",
            field=models.ManyToManyField(blank=True, related_name="activities", to="buying_process.skill"),
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("empty", "empty"),
                            ("missing", "ours is missing"),
                            ("unhelped", "nobody helps"),
                            ("helps_nobody", "helps nobody"),
                            ("hand_over", "hand-over"),
                            ("no_evidence", "no exit evidence"),
                            ("our_word", "our word alone"),
                            ("wastes_time", "wastes their time"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="buying_process.stageactivity",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="buying_process.stage",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acceptances",
                        to="buying_process.version",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["version", "kind", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "kind", "stage", "activity"),
                        name="buying_process_accept_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("activity__isnull", True), ("stage__isnull", False)),
                            models.Q(("activity__isnull", False), ("stage__isnull", True)),
                            _connector="OR",
                        ),
                        name="buying_process_accept_target",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("label", models.CharField(max_length=300)),
                ("rows", models.JSONField(blank=True, default=list)),
                ("orders", models.JSONField(blank=True, default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="history", to="buying_process.version"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["version", "-number"],
                "indexes": [models.Index(fields=["version", "made_by", "-number"], name="buying_process_edits_of")],
            },
        ),
        migrations.AddConstraint(
            model_name="skill",
            constraint=models.UniqueConstraint(
                models.F("workspace"),
                django.db.models.functions.text.Lower("name"),
                name="buying_process_skill_name",
                violation_error_message="There is a skill of this name already.",
            ),
        ),
        migrations.RunSQL(sql=GUARD, reverse_sql=UNGUARD),
    ]
