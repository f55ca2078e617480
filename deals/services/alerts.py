"""Alerts rise and clear by two thresholds each, so that a deal on the edge does not flap.

They follow from what is stored: of the deals that a sweep has just scored, at once; of all, every quarter of an hour,
for silence needs no event, and bulk recomputation leaves them to that.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from accounts.models import Membership
from core.audit import record
from core.write import change, create
from deals.choices import CIRCLES_FROM
from deals.models import AlertChoice

# It rises at the first figure and clears below the second.
AHEAD = (1.0, 0.6)  # stages that we are ahead of them
SILENT_DAYS = (14, 10)
CIRCLES = (CIRCLES_FROM, 1.2)  # times as many returns as expected
RULES = {
    "ahead_from": AHEAD[0],
    "ahead_until": AHEAD[1],
    "silent_from": SILENT_DAYS[0],
    "silent_until": SILENT_DAYS[1],
    "circles_from": CIRCLES[0],
    "circles_until": CIRCLES[1],
}
THESE = "deal.id = ANY(%(deals)s)"
ALL = "(deal.outcome = 'open' OR deal.id IN (SELECT deal_id FROM deals_alert WHERE cleared_at IS NULL))"
SETTLE = """
WITH facts AS (
    SELECT deal.id AS deal_id, deal.workspace_id, deal.outcome = 'open' AS is_open,
        COALESCE(row.gap, 0) AS gap,
        row.returns_seen AS seen, row.returns_expected AS expected,
        extract(epoch FROM now() - COALESCE(deal.last_signal_at, deal.opened_at)) / 86400 AS silent_days
    FROM deals_deal AS deal JOIN deals_alignment AS row ON row.deal_id = deal.id WHERE {which}
), ruled AS (
    SELECT deal_id, workspace_id, rule.kind, is_open AND rule.rises AS rises, NOT is_open OR rule.clears AS clears
    FROM facts, LATERAL (VALUES
        ('ahead', gap >= %(ahead_from)s, gap < %(ahead_until)s),
        ('silent', silent_days >= %(silent_from)s, silent_days < %(silent_until)s),
        ('circles', seen > 1 AND seen > %(circles_from)s * expected, seen < 2 OR seen < %(circles_until)s * expected)
    ) AS rule (kind, rises, clears)
), raised AS (
    INSERT INTO deals_alert (workspace_id, deal_id, kind)
    SELECT workspace_id, deal_id, kind FROM ruled WHERE rises AND NOT EXISTS (
        SELECT 1 FROM deals_alert AS known
        WHERE known.deal_id = ruled.deal_id AND known.kind = ruled.kind AND known.cleared_at IS NULL)
    ON CONFLICT (deal_id, kind) WHERE cleared_at IS NULL DO NOTHING
)
UPDATE deals_alert AS alert SET cleared_at = now() FROM ruled
WHERE ruled.clears AND alert.deal_id = ruled.deal_id AND alert.kind = ruled.kind AND alert.cleared_at IS NULL
"""


def alerts_settle(*, deals: Collection[int] | None = None) -> None:
    """Raise and clear the alerts of some deals, or of all; one statement."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        which = ALL if deals is None else THESE
        cursor.execute(SETTLE.format(which=which), RULES | {"deals": list(deals or ())})


@transaction.atomic
def alerts_choose(*, actor: Membership, **wanted: Any) -> AlertChoice:
    """Switch alerts and the mail on and off."""
    known = AlertChoice.objects.select_for_update().filter(membership=actor).first()
    if known is None:
        known = create(AlertChoice(membership=actor, workspace_id=actor.workspace_id))
    if changes := change(known, **wanted):
        record("alerts.choose", known, actor=actor, changes=changes)
    return known
