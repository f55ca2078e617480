from django.db import migrations

TABLES = ("buying_process_stageactivity", "buying_process_stageneed")
VERSION = "(SELECT version_id FROM buying_process_stage WHERE id = row_.stage_id)"
FOLLOWING = """IF TG_OP = 'UPDATE' AND current_setting('salesflow.following', true) = 'on'
            AND (to_jsonb(NEW) - 'code_id') = (to_jsonb(OLD) - 'code_id') THEN RETURN NEW; END IF;"""


def guard(table: str, following: str) -> str:
    old, new = VERSION.replace("row_", "OLD"), VERSION.replace("row_", "NEW")
    return f"""
    CREATE OR REPLACE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE current_status text;
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('salesflow.erase', true) = 'on' THEN RETURN OLD; END IF;
        {following}
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


class Migration(migrations.Migration):
    """Where two codes become one, what published versions say stays, and the code that stands behind it follows.

    `SET LOCAL salesflow.following = 'on'` lets the reference to a code change, and nothing else.
    """

    dependencies = [("buying_process", "0004_proposals_pins_and_runs")]
    operations = [
        migrations.RunSQL(
            sql="".join(guard(table, FOLLOWING) for table in TABLES),
            reverse_sql="".join(guard(table, "") for table in TABLES),
        )
    ]
