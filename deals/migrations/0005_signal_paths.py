import django.db.models.deletion
from django.db import migrations, models

# A record of 17 bytes a signal (the activity's id, the moment in microseconds since 2000, whose word) in the order in
# which scoring reads them; deals.selectors.signal_paths reads the same bytes.
PACKING = """
CREATE FUNCTION deals_signal_record(activity bigint, moment timestamptz, word text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT int8send(activity) || timestamptz_send(moment) || CASE word
        WHEN 'confirmed' THEN '\\x01'::bytea WHEN 'observed' THEN '\\x02'::bytea WHEN 'reported' THEN '\\x03'::bytea
        ELSE '\\x00'::bytea END $$;
-- The rows of the deals are locked first, in the order of ids: whoever packs second sees what the first committed.
CREATE FUNCTION deals_pack(deals bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM deals_alignment WHERE deal_id = ANY(deals) ORDER BY deal_id FOR NO KEY UPDATE;
    DELETE FROM deals_signalpath AS path WHERE path.deal_id = ANY(deals) AND NOT EXISTS (
        SELECT 1 FROM deals_signal AS signal WHERE signal.deal_id = path.deal_id AND signal.retracted_at IS NULL);
    INSERT INTO deals_signalpath AS path (deal_id, workspace_id, path)
        SELECT signal.deal_id, min(signal.workspace_id), string_agg(
            deals_signal_record(signal.activity_id, signal.occurred_at, signal.word), ''::bytea
            ORDER BY signal.occurred_at, signal.id)
        FROM deals_signal AS signal
        WHERE signal.deal_id = ANY(deals) AND signal.retracted_at IS NULL GROUP BY signal.deal_id
        ON CONFLICT (deal_id) DO UPDATE SET path = EXCLUDED.path WHERE path.path <> EXCLUDED.path;
END $$;
CREATE FUNCTION deals_signals_packed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM deals_pack(ARRAY(SELECT DISTINCT deal_id FROM changed_rows));
    RETURN NULL;
END $$;
"""
EVENTS = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
TRIGGERS = "".join(
    f"""
    CREATE TRIGGER deals_signal_packed_{event} AFTER {event.upper()} ON deals_signal
        REFERENCING {side} TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION deals_signals_packed();
    """
    for event, side in EVENTS
)
# A path ends with its deal by the database itself, whoever deletes the deal.
WITH_THE_DEAL = """
ALTER TABLE deals_signalpath ADD CONSTRAINT deals_signalpath_of_deal
    FOREIGN KEY (deal_id) REFERENCES deals_deal (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
PACK_ALL = """
DO $$
DECLARE batch bigint[]; after bigint := 0;
BEGIN
    LOOP
        batch := ARRAY(SELECT id FROM deals_deal WHERE id > after ORDER BY id LIMIT 10000);
        EXIT WHEN cardinality(batch) = 0;
        PERFORM deals_pack(batch);
        after := batch[cardinality(batch)];
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """The signals of a deal are kept packed beside it, in the transaction that changes them."""

    dependencies = [
        ("accounts", "0002_first_admin_is_invited_by_nobody"),
        ("deals", "0004_outlook_fits"),
    ]
    operations = [
        migrations.CreateModel(
            name="SignalPath",
            fields=[
                (
                    "deal",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="signal_path",
                        serialize=False,
                        to="deals.deal",
                    ),
                ),
                ("path", models.BinaryField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            sql=WITH_THE_DEAL, reverse_sql="ALTER TABLE deals_signalpath DROP CONSTRAINT deals_signalpath_of_deal;"
        ),
        migrations.RunSQL(
            sql=PACKING + TRIGGERS,
            reverse_sql="".join(f"DROP TRIGGER deals_signal_packed_{event} ON deals_signal;" for event, _ in EVENTS)
            + """
            DROP FUNCTION deals_signals_packed();
            DROP FUNCTION deals_pack(bigint[]);
            DROP FUNCTION deals_signal_record(bigint, timestamptz, text);
            """,
        ),
        migrations.RunSQL(sql=PACK_ALL, reverse_sql=migrations.RunSQL.noop),
        # Paths grow in place: room on the page spares the index.
        migrations.RunSQL(
            sql="ALTER TABLE deals_signalpath SET (fillfactor = 80);",
            reverse_sql="ALTER TABLE deals_signalpath RESET (fillfactor);",
        ),
    ]
