import django.db.models.deletion
from django.db import migrations, models


def loose(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        to=to,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


STALES = """(n.version_id, n.stage_id, n.outcome, n.channels, n.opened_at, n.closed_at)
                IS DISTINCT FROM (o.version_id, o.stage_id, o.outcome, o.channels, o.opened_at, o.closed_at)"""
KEPT = f"""
CREATE OR REPLACE FUNCTION deals_deal_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deals_alignment (deal_id, workspace_id, owner_id, version_id, stage_id, is_open, inputs_version,
            scored_version, urgent, stale_since, attempts, error, reason, position, tomorrow, outlook, returns_seen,
            returns_expected)
        SELECT id, workspace_id, owner_id, version_id, stage_id, outcome = 'open', 1, 0, deals_urgent(), now(), 0, '',
            '', '{{}}', '{{}}', '{{}}', 0, 0
        FROM changed_rows;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION deals_deal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deals_alignment AS row SET
        owner_id = deal.owner_id, version_id = deal.version_id, stage_id = deal.stage_id,
        is_open = deal.outcome = 'open', inputs_version = row.inputs_version + deal.stales::int,
        urgent = row.urgent OR deal.stales AND deals_urgent(),
        attempts = CASE WHEN deal.stales THEN 0 ELSE row.attempts END,
        stale_since = CASE WHEN deal.stales THEN COALESCE(row.stale_since, now()) ELSE row.stale_since END
    FROM (
        SELECT n.id, n.owner_id, n.version_id, n.stage_id, n.outcome, o.owner_id AS former_owner_id,
            {STALES} AS stales
        FROM new_rows n JOIN old_rows o ON o.id = n.id
    ) AS deal
    WHERE row.deal_id = deal.id AND (deal.stales OR deal.owner_id IS DISTINCT FROM deal.former_owner_id);
    RETURN NULL;
END $$;
"""
FORMER = f"""
CREATE OR REPLACE FUNCTION deals_deal_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deals_alignment (deal_id, workspace_id, inputs_version, scored_version, urgent, attempts, error,
            reason, position, tomorrow, outlook, returns_seen, returns_expected, stale_since)
        SELECT id, workspace_id, 1, 0, deals_urgent(), 0, '', '', '{{}}', '{{}}', '{{}}', 0, 0, now()
        FROM changed_rows;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION deals_deal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deals_alignment SET inputs_version = inputs_version + 1, urgent = urgent OR deals_urgent(), attempts = 0,
        stale_since = COALESCE(stale_since, now()) WHERE deal_id IN (
            SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {STALES});
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """The database keeps a deal's owner, version, stage and whether it is open beside its score."""

    dependencies = [
        ("accounts", "0004_time_zones_of_the_database"),
        ("buying_process", "0010_hearing_is_of_a_process"),
        ("deals", "0015_covering_indexes"),
    ]
    operations = [
        # What takes longer than a moment to get at the tables is tried anew rather than waited for.
        migrations.RunSQL(sql="SET LOCAL lock_timeout = '10s'", reverse_sql=migrations.RunSQL.noop),
        # The covering ones have come in their places, and the reference to the version has an index of its own.
        migrations.RemoveIndex(model_name="deal", name="deals_by_outcome"),
        migrations.RemoveIndex(model_name="deal", name="deals_by_version"),
        migrations.RemoveIndex(model_name="alignment", name="deals_by_score"),
        migrations.AddField(model_name="alignment", name="owner", field=loose("accounts.membership")),
        migrations.AddField(model_name="alignment", name="version", field=loose("buying_process.version")),
        migrations.AddField(model_name="alignment", name="stage", field=loose("buying_process.stage")),
        migrations.AddField(model_name="alignment", name="is_open", field=models.BooleanField(default=True)),
        migrations.RunSQL(sql=KEPT, reverse_sql=FORMER),
        migrations.RunSQL(sql=migrations.RunSQL.noop, reverse_sql="SET LOCAL lock_timeout = '10s'"),
    ]
