"""Many deals at a glance: where we are against where they are, by person, and over twelve weeks.

All of it is summed up by the database, so that a hundred thousand deals cost one pass and no row of theirs is read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.choices import Role
from accounts.models import Membership, Team
from buying_process.models import Process, Stage, Version
from deals.choices import Reason
from deals.models import Alignment, AlignmentQuerySet, Course
from deals.selectors.board import held_by_version, version_chosen, versions_of
from deals.selectors.listing import ahead, behind
from deals.selectors.trends import TrendPoint, standings_of, trend_of, trends_by_owner

SCORE_LOW = 40.0


@dataclass(frozen=True)
class Cell:
    """How many deals are logged at one stage, or at none, while the customer probably is at another."""

    stage: Stage | None
    likely: Stage
    count: int
    share: float
    side: str  # "together", "ahead", "behind" or "unlogged"


@dataclass(frozen=True)
class HeatRow:
    """The deals that we logged at one stage, or at none (None), by where the customers probably are."""

    stage: Stage | None
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
    trend_process: Process | None
    summary: RepSummary
    asked: str


def teams_of(membership: Membership) -> list[Team]:
    """Give the teams that a member watches: a manager's own, all for sales ops, none for a rep."""
    teams = Team.objects.visible_to(membership).order_by("name")
    if membership.role == Role.REP:
        return []
    return list(teams if membership.role == Role.DESIGNER else teams.filter(manager=membership))


def team_page(membership: Membership, *, team_id: int, version_id: int, today: date) -> TeamPage:
    """Read the page: a rep's own deals, a manager's team's, all for sales ops. Seven queries."""
    teams = teams_of(membership)
    team = next((each for each in teams if each.pk == team_id), None)
    deals, course = Alignment.objects.visible_to(membership).open(), Course.objects.visible_to(membership)
    if team is not None:
        deals, course = deals.filter(owner__team=team), course.filter(owner__team=team)
    counted = _counted(deals)
    held = held_by_version(counted)
    versions = versions_of(held)
    version = version_chosen(versions, held, version_id)
    stages = list(version.stages.order_by("position")) if version else []
    rows = heat_of([row for row in counted if version and row["version_id"] == version.pk], stages)
    standings = standings_of(course, today)
    reps = _by_rep(membership, counted, trends_by_owner(standings, today))
    summary = _summed(counted)
    process = version.process if version is not None and version.pk == version_id else None
    shown = summary
    if process is not None:  # by whichever version its deals went: a publication is no new beginning
        of_process = {each.pk for each in versions if each.process_id == process.pk}
        shown = _summed([row for row in counted if row["version_id"] in of_process])
        standings = [each for each in standings if each.process_id == process.pk]
    return TeamPage(
        teams=teams,
        team=team,
        versions=versions,
        version=version,
        stages=stages,
        rows=rows,
        totals=[sum(row.cells[place].count for row in rows) for place in range(len(stages))],
        reps=reps,
        trend=trend_of(standings, today, now=TrendPoint(today, shown.mean, shown.scored)),
        trend_process=process,
        summary=summary,
        asked=f"&team={team.pk}" if team else "",
    )


def _counted(deals: AlignmentQuerySet) -> list[dict[str, Any]]:
    """Count deals by version, owner, our stage and theirs, in one pass over them. One query.

    Everything on the page is a sum of these rows: a hundred thousand deals are some hundred of them.
    """
    groups = deals.values("version_id", "owner_id", "stage_id", "likely_stage_id")
    return list(
        groups.annotate(
            count=Count("pk"),
            scored=Count("score"),
            total=Sum("score", default=0.0),
            low=Count("pk", filter=Q(score__lt=SCORE_LOW)),
            ahead=Count("pk", filter=ahead()),
            behind=Count("pk", filter=behind()),
            without_evidence=Count("pk", filter=Q(reason=Reason.NO_EVIDENCE)),
        )
    )


def heat_of(counted: Sequence[Mapping[str, Any]], stages: Sequence[Stage]) -> list[HeatRow]:
    """Lay the scored deals of one version out by the stage that we logged and the one where they probably are.

    Deals without a logged stage have a row of their own, on top, where there are any.
    """
    found: dict[tuple[int | None, int | None], int] = defaultdict(int)
    for row in counted:
        found[row["stage_id"], row["likely_stage_id"]] += row["scored"]
    logged: list[Stage | None] = [*stages]
    if any(found[None, stage.pk] for stage in stages):
        logged.insert(0, None)
    counts = {ours: [found[ours.pk if ours else None, theirs.pk] for theirs in stages] for ours in logged}
    most = max((count for row in counts.values() for count in row), default=0) or 1
    return [
        HeatRow(
            ours,
            [
                Cell(ours, theirs, count, count / most, _side(ours, theirs))
                for theirs, count in zip(stages, row, strict=True)
            ],
            sum(row),
        )
        for ours, row in counts.items()
    ]


def _side(ours: Stage | None, theirs: Stage) -> str:
    if ours is None:
        return "unlogged"
    if ours.position == theirs.position:
        return "together"
    return "ahead" if ours.position > theirs.position else "behind"


def _by_rep(
    membership: Membership, counted: Sequence[Mapping[str, Any]], courses: Mapping[int | None, Sequence[float]]
) -> list[RepSummary]:
    """Sum up each person's deals, the least aligned first. One query, for their names."""
    theirs: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in counted:
        theirs[row["owner_id"]].append(row)
    owners = Membership.objects.visible_to(membership).filter(pk__in=[pk for pk in theirs if pk is not None])
    people = owners.values_list("pk", "user__full_name", "user__email")
    names: dict[int | None, str] = {pk: name or email for pk, name, email in people}
    found = []
    for owner, rows in theirs.items():
        summed = _summed(rows)
        past = [*courses.get(owner, ()), *([] if summed.mean is None else [summed.mean])]
        found.append(replace(summed, owner_id=owner, name=names.get(owner, "Nobody yet"), course=past))
    return sorted(found, key=lambda rep: (rep.mean is None, rep.mean or 0.0, rep.name))


def _summed(rows: Sequence[Mapping[str, Any]]) -> RepSummary:
    """Sum groups of deals up, as those of all together."""
    names = ("count", "scored", "total", "low", "ahead", "behind", "without_evidence")
    sums = {name: sum(row[name] for row in rows) for name in names}
    deals, total = sums.pop("count"), sums.pop("total")
    return RepSummary(None, "All", deals, total / sums["scored"] if sums["scored"] else None, **sums)
