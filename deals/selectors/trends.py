"""The course of mean alignment over twelve weeks: of all that a person sees, of a team, of a person, of a process."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum

from deals.models import Course

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class TrendPoint:
    """The mean alignment at a week's end; None where no deal had a score."""

    ends: date
    mean: float | None
    deals: int


def trend_of(rows: QuerySet[Course], today: date, *, now: TrendPoint) -> list[TrendPoint]:
    """Give the mean of each of twelve weeks; the last one is now. One query."""
    days = _since(rows, today).values_list("on").annotate(sum=Sum("total"), count=Sum("scored")).order_by("on")
    return _weeks(((on, total, count) for on, total, count in days), today, now)


def trends_by_owner(rows: QuerySet[Course], today: date) -> dict[int | None, list[float]]:
    """Give each owner's means, week by week before this one, where there was one. One query."""
    days = _since(rows, today).values_list("owner_id", "on").annotate(sum=Sum("total"), count=Sum("scored"))
    found: dict[int | None, list[tuple[date, float, int]]] = defaultdict(list)
    for owner, on, total, count in days.order_by("on"):
        found[owner].append((on, total, count))
    return {
        owner: [point.mean for point in _weeks(course, today, None) if point.mean is not None]
        for owner, course in found.items()
    }


def _since(rows: QuerySet[Course], today: date) -> QuerySet[Course]:
    return rows.filter(on__gt=today - WEEK * WEEKS, on__lte=today - WEEK)


def _weeks(days: Iterable[tuple[date, float, int]], today: date, now: TrendPoint | None) -> list[TrendPoint]:
    """Take from each week the last day that is known."""
    by_week: dict[int, tuple[float, int]] = {}
    for on, total, count in days:
        by_week[(today - on).days // WEEK.days] = (total, count)
    points = [_point(today - WEEK * back, by_week.get(back)) for back in range(WEEKS - 1, 0, -1)]
    return [*points, now] if now is not None else points


def _point(ends: date, found: tuple[float, int] | None) -> TrendPoint:
    total, count = found or (0.0, 0)
    return TrendPoint(ends, total / count if count else None, count)
