"""The course of mean alignment over twelve weeks: of all that a person sees, of a team, of a person, of a process."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from deals.models import Course

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class TrendPoint:
    """The mean alignment at a week's end; None where no deal had a score."""

    ends: date
    mean: float | None
    deals: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the deals of one owner and one version of a process came to at the end of a week, so many weeks back."""

    owner_id: int | None
    process_id: int | None
    back: int
    total: float
    scored: int


def standings_of(rows: QuerySet[Course], today: date) -> list[Standing]:
    """Read the twelve weeks but for this one, each as it stood on the last of its days that is known. Two queries."""
    since = rows.filter(on__gt=today - WEEK * WEEKS, on__lte=today - WEEK)
    ends = {_back(on, today): on for on in since.values_list("on", flat=True).distinct().order_by("on")}
    at_ends = rows.filter(on__in=ends.values()).values_list("owner_id", "version__process_id", "on", "total", "scored")
    return [Standing(owner, process, _back(on, today), total, scored) for owner, process, on, total, scored in at_ends]


def trend_of(standings: Iterable[Standing], today: date, *, now: TrendPoint) -> list[TrendPoint]:
    """Give the mean of each of twelve weeks; the last one is now."""
    return [*_weeks(standings, today), now]


def trends_by_owner(standings: Iterable[Standing], today: date) -> dict[int | None, list[float]]:
    """Give each owner's means, week by week before this one, where there was one."""
    found: dict[int | None, list[Standing]] = defaultdict(list)
    for standing in standings:
        found[standing.owner_id].append(standing)
    return {
        owner: [point.mean for point in _weeks(theirs, today) if point.mean is not None]
        for owner, theirs in found.items()
    }


def _weeks(standings: Iterable[Standing], today: date) -> list[TrendPoint]:
    weeks: dict[int, list[Standing]] = defaultdict(list)
    for standing in standings:
        weeks[standing.back].append(standing)
    return [_point(today - WEEK * back, weeks[back]) for back in range(WEEKS - 1, 0, -1)]


def _back(on: date, today: date) -> int:
    return (today - on).days // WEEK.days


def _point(ends: date, standings: Iterable[Standing]) -> TrendPoint:
    total, scored = 0.0, 0
    for standing in standings:
        total, scored = total + standing.total, scored + standing.scored
    return TrendPoint(ends, total / scored if scored else None, scored)
