from django.db import migrations, models

CHILDREN = {
    "buying_process_stage": "row_.version_id",
    "buying_process_transition": "row_.version_id",
    "buying_process_version_interviews": "row_.version_id",
    "buying_process_stageactivity": "(SELECT version_id FROM buying_process_stage WHERE id = row_.stage_id)",
    "buying_process_stageneed": "(SELECT version_id FROM buying_process_stage WHERE id = row_.stage_id)",
}
ERASING = "IF TG_OP = 'DELETE' AND current_setting('salesflow.erase', true) = 'on' THEN RETURN OLD; END IF;"


def guard(table: str, version: str, erasing: str) -> str:
    old, new = version.replace("row_", "OLD"), version.replace("row_", "NEW")
    return f"""
    CREATE OR REPLACE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE current_status text;
    BEGIN
        {erasing}
        IF TG_OP <> 'INSERT' THEN
            SELECT status INTO current_status FROM buying_process_version WHERE id = {old};
            IF current_status <> 'draft' THEN
                RAISE EXCEPTION 'a published version is immutable' USING ERRCODE = 'restrict_violation';
            END IF;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            SELECT status INTO current_status FROM buying_process_version WHERE id = {new};
            IF current_status <> 'draft' THEN
                RAISE EXCEPTION 'a published version is immutable' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END IF;
        RETURN OLD;
    END $$;
    """


def version(erasing: str) -> str:
    return f"""
    CREATE OR REPLACE FUNCTION buying_process_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {erasing}
        IF OLD.status = 'draft' THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' OR NEW.status = 'draft'
            OR (to_jsonb(NEW) - ARRAY['status', 'retired_at', 'updated_at'])
                IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['status', 'retired_at', 'updated_at']) THEN
            RAISE EXCEPTION 'a published version is immutable' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION buying_process_fit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {erasing}
        RAISE EXCEPTION 'a fit never changes' USING ERRCODE = 'restrict_violation';
    END $$;
    """


def guards(erasing: str) -> str:
    return version(erasing) + "".join(guard(table, column, erasing) for table, column in CHILDREN.items())


class Migration(migrations.Migration):
    """How sure each stage and transition is; and an erasing service may delete what no edit may touch.

    A customer who asks to be forgotten is forgotten in published versions too: `SET LOCAL salesflow.erase = 'on'` lets
    rows go, never change.
    """

    dependencies = [("buying_process", "0002_immutable_versions")]
    operations = [
        migrations.AddField("stage", "stability", models.FloatField(blank=True, null=True)),
        migrations.AddField("transition", "low", models.FloatField(blank=True, null=True)),
        migrations.AddField("transition", "high", models.FloatField(blank=True, null=True)),
        migrations.AlterConstraint(
            "stageactivity",
            "buying_process_actor_purpose",
            models.CheckConstraint(
                condition=models.Q(actor="customer", purpose__in=["own", "not_relevant"])
                | (~models.Q(actor="customer") & models.Q(purpose__in=["facilitates", "independent"])),
                name="buying_process_actor_purpose",
                violation_error_message=(
                    "A customer's activity is their own or not relevant to us; ours helps or is ours alone."
                ),
            ),
        ),
        migrations.RunSQL(sql=guards(ERASING), reverse_sql=guards("")),
    ]
