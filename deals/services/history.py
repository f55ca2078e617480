"""The past of alignment: points a deal and day, in parts of a month; and what they came to, a row a day.

A day is a day of the workspace's own zone, so that everybody there sees the same course.

The database makes a part before its month begins. Where nothing made it, a part for whatever has none takes the points,
so that no score is ever refused for want of one; the next hour moves them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Workspace
from core import scope
from deals.models import AlignmentPoint, Deal
from deals.selectors.measures import measure

log = structlog.get_logger(__name__)

WEEKS = 12
CHUNK = 500
MONTHS_AHEAD = 2
READY = "SELECT deals_points_ready(CURRENT_DATE, %s)"
DROP = "SELECT deals_points_drop((date_trunc('month', CURRENT_DATE) - make_interval(months => %s))::date)"
FORGET = 'DELETE FROM deals_course WHERE "on" < CURRENT_DATE - make_interval(months => %s)'
# Taken again and again while the day lasts: whoever owns nothing any more by then has no row.
TODAY = """
WITH today AS (
    SELECT id, (now() AT TIME ZONE time_zone)::date AS "on" FROM accounts_workspace
    WHERE %(all)s OR extract(minute FROM now() AT TIME ZONE time_zone) <> extract(minute FROM now() AT TIME ZONE 'UTC')
), sums AS (
    SELECT deal.workspace_id, today."on", deal.owner_id, deal.version_id, count(*) AS deals,
        count(row.score) AS scored, COALESCE(sum(row.score), 0) AS total
    FROM deals_deal AS deal JOIN deals_alignment AS row ON row.deal_id = deal.id
    JOIN today ON today.id = deal.workspace_id WHERE deal.outcome = 'open'
    GROUP BY deal.workspace_id, today."on", deal.owner_id, deal.version_id
), gone AS (
    DELETE FROM deals_course AS course USING today
    WHERE course.workspace_id = today.id AND course."on" = today."on" AND NOT EXISTS (
        SELECT 1 FROM sums WHERE sums.workspace_id = course.workspace_id
            AND sums.owner_id IS NOT DISTINCT FROM course.owner_id
            AND sums.version_id IS NOT DISTINCT FROM course.version_id)
)
INSERT INTO deals_course AS course (workspace_id, "on", owner_id, version_id, deals, scored, total)
SELECT workspace_id, "on", owner_id, version_id, deals, scored, total FROM sums
ON CONFLICT (workspace_id, "on", owner_id, version_id)
    DO UPDATE SET deals = EXCLUDED.deals, scored = EXCLUDED.scored, total = EXCLUDED.total
"""
# What stood at the end of a day: each deal's last point by then, over the deals that were open then.
PAST = """
INSERT INTO deals_course (workspace_id, "on", owner_id, version_id, deals, scored, total)
SELECT deal.workspace_id, %(on)s, deal.owner_id, deal.version_id, count(*), count(point.score),
    COALESCE(sum(point.score), 0)
FROM deals_deal AS deal LEFT JOIN LATERAL (
    SELECT score FROM deals_alignmentpoint WHERE deal_id = deal.id AND "on" <= %(on)s ORDER BY "on" DESC LIMIT 1
) AS point ON true
WHERE deal.workspace_id = %(workspace)s
    AND deal.opened_at < (%(on)s::date + 1)::timestamp AT TIME ZONE %(zone)s
    AND (deal.closed_at IS NULL OR deal.closed_at >= %(on)s::date::timestamp AT TIME ZONE %(zone)s)
GROUP BY deal.workspace_id, deal.owner_id, deal.version_id
ON CONFLICT (workspace_id, "on", owner_id, version_id) DO NOTHING
"""


def history_keep() -> None:
    """Make the parts of the months to come, store what alignment came to today, drop what is older than is kept."""
    months = settings.HISTORY_MONTHS
    for step, statement, values in (
        ("ready", READY, [MONTHS_AHEAD]),
        ("today", TODAY, {"all": True}),
        ("drop", DROP, [months]),
        ("forget", FORGET, [months]),
    ):
        _step(step, statement, values)


def days_sum_between_hours() -> None:
    """Store what alignment came to today where days end between two hours of UTC, as in India."""
    _step("today", TODAY, {"all": False})


def _step(name: str, statement: str, values: Sequence[int] | dict[str, bool]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(statement, values)
    except DatabaseError as error:
        # as a rule somebody reads for long: the next time does it, and points find a place meanwhile
        log.warning("history_step_left", step=name, error=str(error))


def alignments_backfill(*, weeks: int = WEEKS, now: datetime | None = None) -> int:
    """Store a point a week for the workspace's deals that came with a past; days that have one keep theirs."""
    zone = Workspace.objects.get(pk=scope.workspace_id()).zone
    today = (now or timezone.now()).astimezone(zone)
    moments = [today - timedelta(weeks=week) for week in range(weeks, 0, -1)]
    stored = sum(_backfill(moment) for moment in moments)
    for moment in moments:
        _course(moment.date(), zone)
    return stored


def _backfill(at: datetime) -> int:
    under_way = Deal.objects.filter(opened_at__lt=at, version__isnull=False).exclude(closed_at__lt=at)
    ids = list(under_way.order_by("pk").values_list("pk", flat=True))
    return sum(_store(ids[first : first + CHUNK], at) for first in range(0, len(ids), CHUNK))


def _store(deal_ids: Sequence[int], at: datetime) -> int:
    points = [
        AlignmentPoint(
            workspace_id=found.workspace_id,
            deal_id=found.deal_id,
            on=at.date(),
            score=found.score,
            gap=found.gap,
            likely_stage_id=found.likely_stage_id,
        )
        for found in measure(deal_ids, at=at).values()
        if found.score is not None
    ]
    with transaction.atomic():
        # held, so that none is deleted meanwhile and leaves its points: nothing else in the database would refuse them
        held = Deal.objects.filter(pk__in=[point.deal_id for point in points]).order_by("pk")
        kept = set(held.select_for_update(no_key=True).values_list("pk", flat=True))
        points = [point for point in points if point.deal_id in kept]
        AlignmentPoint.objects.bulk_create(points, ignore_conflicts=True)
    return len(points)


def _course(on: date, zone: ZoneInfo) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PAST, {"on": on, "workspace": scope.workspace_id(), "zone": zone.key})
