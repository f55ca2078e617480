from django.db import migrations

CHILDREN = {
    "buying_process_stage": "row_.version_id",
    "buying_process_transition": "row_.version_id",
    "buying_process_version_interviews": "row_.version_id",
    "buying_process_stageactivity": "(SELECT version_id FROM buying_process_stage WHERE id = row_.stage_id)",
    "buying_process_stageneed": "(SELECT version_id FROM buying_process_stage WHERE id = row_.stage_id)",
}


def guard(table: str, version: str) -> str:
    old, new = version.replace("row_", "OLD"), version.replace("row_", "NEW")
    return f"""
    CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE current_status text;
    BEGIN
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
    CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_frozen();
    """


VERSION = """
CREATE FUNCTION buying_process_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER buying_process_version_frozen BEFORE UPDATE OR DELETE ON buying_process_version
    FOR EACH ROW EXECUTE FUNCTION buying_process_version_frozen();
CREATE FUNCTION buying_process_fit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fit never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER buying_process_fit_frozen BEFORE UPDATE OR DELETE ON buying_process_fit
    FOR EACH ROW EXECUTE FUNCTION buying_process_fit_frozen();
"""


class Migration(migrations.Migration):
    """A version that left draft is immutable but for its status; a fit never changes."""

    dependencies = [("buying_process", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=VERSION + "".join(guard(table, version) for table, version in CHILDREN.items()),
            reverse_sql="".join(
                f"DROP TRIGGER {table}_frozen ON {table}; DROP FUNCTION {table}_frozen();"
                for table in [*CHILDREN, "buying_process_version", "buying_process_fit"]
            ),
        )
    ]
