"""Many deals at a glance: where we are against where they are, by person, and over twelve weeks.

All of it is summed up by the database, so that a hundred thousand deals cost one pass and no row of theirs is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from accounts.choices import Role
from accounts.models import Membership, Team
from buying_process.models import Stage, Version
from deals.choices import Reason
from deals.models import Course, Deal
from deals.selectors.board import version_chosen, versions_held
from deals.selectors.deals import visible_deals
from deals.selectors.trends import TrendPoint, trend_of, trends_by_owner

SCORE_LOW = 40.0
SCORED = Q(alignment__score__isnull=False)


@dataclass(frozen=True)
class Cell:
    """How many deals are logged at one stage while the customer probably is at another."""

    stage: Stage
    likely: Stage
    count: int
    share: float
    side: str  # "together", "ahead" or "behind"


@dataclass(frozen=True)
class HeatRow:
    """The deals that we logged at one stage, by where the customers probably are."""

    stage: Stage
    cells: list[Cell]
    total: int


@dataclass(frozen=True)
class RepSummary:
    """One person's open deals, and the course of their mean."""

    owner_id: int | None
    name: str
    deals: int
    mean: float | None
    scored: int
    low: int
    ahead: int
    behind: int
    without_evidence: int
    course: Sequence[float] = ()


@dataclass(frozen=True)
class TeamPage:
    """What the team page shows; `asked` are the filters of the list that every link of it keeps."""

    teams: list[Team]
    team: Team | None
    versions: list[Version]
    version: Version | None
    stages: list[Stage]
    rows: list[HeatRow]
    totals: list[int]
    reps: list[RepSummary]
    trend: list[TrendPoint]
    trend_process: Version | None
    summary: RepSummary
    asked: str


def teams_of(membership: Membership) -> list[Team]:
    """Give the teams that a member watches: a manager's own, all for sales ops, none for a rep."""
    teams = Team.objects.visible_to(membership).order_by("name")
    if membership.role == Role.REP:
        return []
    return list(teams if membership.role == Role.DESIGNER else teams.filter(manager=membership))


def team_page(membership: Membership, *, team_id: int, version_id: int, today: date) -> TeamPage:
    """Read the page: a rep's own deals, a manager's team's, all for sales ops. Eight queries."""
    teams = teams_of(membership)
    team = next((each for each in teams if each.pk == team_id), None)
    deals, course = visible_deals(membership).open().order_by(), Course.objects.visible_to(membership)
    if team is not None:
        deals, course = deals.filter(owner__team=team), course.filter(owner__team=team)
    versions, held = versions_held(deals)
    version = version_chosen(versions, held, version_id)
    stages = list(version.stages.order_by("position")) if version else []
    rows = heat_of(deals.filter(version=version), stages)
    reps = _by_rep(deals, trends_by_owner(course, today))
    summary = _together(reps)
    process = version if version is not None and version.pk == version_id else None
    now = TrendPoint(today, summary.mean, summary.scored)
    if process is not None:
        scored = deals.filter(SCORED, version=process).aggregate(mean=Avg("alignment__score"), deals=Count("pk"))
        now = TrendPoint(today, scored["mean"], scored["deals"])
        course = course.filter(version=process)
    return TeamPage(
        teams=teams,
        team=team,
        versions=versions,
        version=version,
        stages=stages,
        rows=rows,
        totals=[sum(row.cells[place].count for row in rows) for place in range(len(stages))],
        reps=reps,
        trend=trend_of(course, today, now=now),
        trend_process=process,
        summary=summary,
        asked=f"&team={team.pk}" if team else "",
    )


def heat_of(deals: QuerySet[Deal], stages: Sequence[Stage]) -> list[HeatRow]:
    """Count the deals by the stage that we logged and the one where they probably are. One query."""
    counted = deals.filter(SCORED).values_list("stage_id", "alignment__likely_stage_id").annotate(deals=Count("pk"))
    pairs: dict[tuple[int | None, int | None], int] = {(ours, theirs): count for ours, theirs, count in counted}
    found = {(ours, theirs): pairs.get((ours.pk, theirs.pk), 0) for ours in stages for theirs in stages}
    most = max(found.values(), default=0) or 1
    rows = []
    for ours in stages:
        cells = [
            Cell(ours, theirs, found[ours, theirs], found[ours, theirs] / most, _side(ours, theirs))
            for theirs in stages
        ]
        rows.append(HeatRow(ours, cells, sum(cell.count for cell in cells)))
    return rows


def _side(ours: Stage, theirs: Stage) -> str:
    if ours.position == theirs.position:
        return "together"
    return "ahead" if ours.position > theirs.position else "behind"


def _by_rep(deals: QuerySet[Deal], courses: Mapping[int | None, Sequence[float]]) -> list[RepSummary]:
    """Sum up each person's deals, the least aligned first. One query."""
    counted = deals.values("owner_id", "owner__user__full_name", "owner__user__email").annotate(
        deals=Count("pk"),
        mean=Avg("alignment__score"),
        scored=Count("alignment__score"),
        low=Count("pk", filter=Q(alignment__score__lt=SCORE_LOW)),
        ahead=Count("pk", filter=SCORED & Q(alignment__gap__gte=1)),
        behind=Count("pk", filter=SCORED & Q(alignment__gap__lte=-1)),
        without_evidence=Count("pk", filter=Q(alignment__reason=Reason.NO_EVIDENCE)),
    )
    rows = [_summary(row, courses.get(row["owner_id"], ())) for row in counted]
    return sorted(rows, key=lambda row: (row.mean is None, row.mean or 0.0, row.name))


def _summary(row: Mapping[str, Any], course: Sequence[float]) -> RepSummary:
    figures = ("deals", "mean", "scored", "low", "ahead", "behind", "without_evidence")
    name = row["owner__user__full_name"] or row["owner__user__email"] or "Nobody yet"
    past = [*course, *([] if row["mean"] is None else [row["mean"]])]
    return RepSummary(row["owner_id"], name, **{figure: row[figure] for figure in figures}, course=past)


def _together(reps: Sequence[RepSummary]) -> RepSummary:
    nobody = RepSummary(None, "All", 0, None, 0, 0, 0, 0, 0)
    figures = ("deals", "scored", "low", "ahead", "behind", "without_evidence")
    sums = {figure: sum(getattr(rep, figure) for rep in reps) for figure in figures}
    total = sum(rep.mean * rep.scored for rep in reps if rep.mean is not None)
    return replace(nobody, **sums, mean=total / sums["scored"] if sums["scored"] else None)
