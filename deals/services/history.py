"""The course of alignment before SalesFlow watched: measured from what had happened by each day, nothing later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from deals.models import AlignmentPoint, Deal
from deals.selectors.measures import measure

WEEKS = 12
CHUNK = 500


def alignments_backfill(*, weeks: int = WEEKS, now: datetime | None = None) -> int:
    """Store a point a week for the workspace's deals that came with a past; days that have one keep theirs."""
    today = now or timezone.now()
    return sum(_backfill(today - timedelta(weeks=week)) for week in range(weeks, 0, -1))


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
        AlignmentPoint.objects.bulk_create(points, ignore_conflicts=True)
    return len(points)
