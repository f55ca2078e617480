from django.db import migrations

FACTS = ["deals_signal", "deals_effort", "deals_needmet"]
INPUTS = [*FACTS, "deals_stageevent", "deals_contact"]

APPEND_ONLY = """
CREATE FUNCTION deals_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('salesflow.erase', true) = 'on' THEN RETURN OLD; END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'retracted_at' - 'actor_id') = (to_jsonb(OLD) - 'retracted_at' - 'actor_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was logged on a deal is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""

# One statement-level trigger a table and operation: a bulk load of many rows is one update of the alignment rows.
# `salesflow.bulk` = on marks work that may wait behind people's own edits.
STALENESS = """
CREATE FUNCTION deals_urgent() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT COALESCE(current_setting('salesflow.bulk', true), '') <> 'on' $$;
CREATE FUNCTION deals_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deals_alignment SET inputs_version = inputs_version + 1, urgent = urgent OR deals_urgent(), attempts = 0
        WHERE deal_id IN (SELECT DISTINCT deal_id FROM changed_rows);
    RETURN NULL;
END $$;
CREATE FUNCTION deals_deal_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deals_alignment (deal_id, workspace_id, inputs_version, scored_version, urgent, attempts, error, reason,
            position, tomorrow, outlook, returns_seen, returns_expected)
        SELECT id, workspace_id, 1, 0, deals_urgent(), 0, '', '', '{}', '{}', '{}', 0, 0 FROM changed_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER deals_deal_added AFTER INSERT ON deals_deal REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION deals_deal_added();
CREATE FUNCTION deals_deal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deals_alignment SET inputs_version = inputs_version + 1, urgent = urgent OR deals_urgent(), attempts = 0
        WHERE deal_id IN (
            SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
            WHERE (n.version_id, n.stage_id, n.outcome, n.channels, n.opened_at, n.closed_at)
                IS DISTINCT FROM (o.version_id, o.stage_id, o.outcome, o.channels, o.opened_at, o.closed_at));
    RETURN NULL;
END $$;
CREATE TRIGGER deals_deal_changed AFTER UPDATE ON deals_deal
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION deals_deal_changed();
"""


def on_inputs(table: str) -> str:
    parts = (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    return "".join(
        f"""
        CREATE TRIGGER {table}_stale_{event.lower()} AFTER {event} ON {table} REFERENCING {side} TABLE AS changed_rows
            FOR EACH STATEMENT EXECUTE FUNCTION deals_mark_stale();
        """
        for event, side in parts
    )


def append_only(table: str) -> str:
    return f"""
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION deals_event_append_only();
    """


class Migration(migrations.Migration):
    """Events are append-only; whatever a score depends on marks it stale in the same transaction."""

    dependencies = [("deals", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=APPEND_ONLY
            + STALENESS
            + "".join(append_only(table) for table in [*FACTS, "deals_stageevent"])
            + "".join(on_inputs(table) for table in INPUTS),
            reverse_sql="".join(
                f"DROP TRIGGER {table}_stale_{event} ON {table};"
                for table in INPUTS
                for event in ("insert", "update", "delete")
            )
            + "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in [*FACTS, "deals_stageevent"])
            + """
            DROP TRIGGER deals_deal_added ON deals_deal;
            DROP TRIGGER deals_deal_changed ON deals_deal;
            DROP FUNCTION deals_deal_added();
            DROP FUNCTION deals_deal_changed();
            DROP FUNCTION deals_mark_stale();
            DROP FUNCTION deals_urgent();
            DROP FUNCTION deals_event_append_only();
            """,
        )
    ]
