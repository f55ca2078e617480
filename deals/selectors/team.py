"""A manager's view: the team's deals by where we are against where they are, by rep, and over twelve weeks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from django.db import connection
from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import Membership, Team
from buying_process.models import Stage, Version
from deals.choices import Reason
from deals.models import Deal
from deals.selectors.deals import visible_deals

WEEKS = 12
SCORE_LOW = 40.0
# For each week's end: the mean of what stood then, over the deals that were open then.
TREND = """
SELECT week.ends, avg(point.score), count(point.score)
FROM generate_series(%(last)s::date - 7 * (%(weeks)s - 1), %(last)s::date, interval '7 days') AS week(ends)
LEFT JOIN deals_deal AS deal ON deal.id = ANY(%(deals)s) AND deal.opened_at < week.ends + interval '1 day'
    AND (deal.closed_at IS NULL OR deal.closed_at >= week.ends)
LEFT JOIN LATERAL (
    SELECT score FROM deals_alignmentpoint WHERE deal_id = deal.id AND "on" <= week.ends ORDER BY "on" DESC LIMIT 1
) AS point ON true
GROUP BY week.ends ORDER BY week.ends
"""


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
    """One rep's open deals."""

    owner: Membership | None
    name: str
    deals: int
    mean: float | None
    low: int
    ahead: int
    behind: int
    without_evidence: int


@dataclass(frozen=True)
class TrendPoint:
    """The mean alignment at a week's end; None where no deal had a score."""

    ends: date
    mean: float | None
    deals: int


@dataclass(frozen=True)
class TeamPage:
    """What the team page shows."""

    teams: list[Team]
    team: Team | None
    versions: list[Version]
    version: Version | None
    stages: list[Stage]
    rows: list[HeatRow]
    reps: list[RepSummary]
    trend: list[TrendPoint]
    summary: RepSummary


def teams_of(membership: Membership) -> list[Team]:
    """Give the teams that a member watches: a manager's own, all for sales ops."""
    teams = Team.objects.visible_to(membership).order_by("name")
    return list(teams if membership.role == Role.DESIGNER else teams.filter(manager=membership))


def team_page(membership: Membership, *, team_id: int, version_id: int, today: date) -> TeamPage:
    """Read the team page. Five queries."""
    teams = teams_of(membership)
    team = next((each for each in teams if each.pk == team_id), None)
    scope = visible_deals(membership)
    if team is not None:
        scope = scope.filter(owner__team=team)
    deals = list(scope.open().select_related("alignment", "owner__user"))
    versions = list(
        Version.objects.filter(pk__in={deal.version_id for deal in deals if deal.version_id})
        .select_related("process")
        .order_by("process__name", "-number")
    )
    version = _chosen(versions, version_id, deals)
    stages = list(version.stages.order_by("position")) if version else []
    return TeamPage(
        teams=teams,
        team=team,
        versions=versions,
        version=version,
        stages=stages,
        rows=_heat(stages, deals),
        reps=_by_rep(deals),
        trend=trend_of(scope, today),
        summary=_summary(None, "All", deals),
    )


def trend_of(scope: QuerySet[Deal], today: date) -> list[TrendPoint]:
    """Give the mean alignment at the end of each of twelve weeks; the last week ends today."""
    since = today - timedelta(days=7 * WEEKS)
    ids = list(scope.exclude(closed_at__date__lt=since).order_by().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(TREND, {"last": today, "weeks": WEEKS, "deals": ids})
        return [TrendPoint(_as_date(ends), mean, count) for ends, mean, count in cursor.fetchall()]


def _as_date(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _chosen(versions: Sequence[Version], version_id: int, deals: Sequence[Deal]) -> Version | None:
    held = Counter(deal.version_id for deal in deals)
    asked = next((version for version in versions if version.pk == version_id), None)
    return asked or max(versions, key=lambda version: (held[version.pk], version.pk), default=None)


def _heat(stages: Sequence[Stage], deals: Sequence[Deal]) -> list[HeatRow]:
    pairs = Counter(
        (deal.stage_id, deal.alignment.likely_stage_id) for deal in deals if deal.alignment.score is not None
    )
    most = max((pairs[ours.pk, theirs.pk] for ours in stages for theirs in stages), default=0) or 1
    rows = []
    for ours in stages:
        cells = [
            Cell(ours, theirs, pairs[ours.pk, theirs.pk], pairs[ours.pk, theirs.pk] / most, _side(ours, theirs))
            for theirs in stages
        ]
        rows.append(HeatRow(ours, cells, sum(cell.count for cell in cells)))
    return rows


def _side(ours: Stage, theirs: Stage) -> str:
    if ours.position == theirs.position:
        return "together"
    return "ahead" if ours.position > theirs.position else "behind"


def _by_rep(deals: Sequence[Deal]) -> list[RepSummary]:
    groups: dict[int | None, list[Deal]] = {}
    for deal in deals:
        groups.setdefault(deal.owner_id, []).append(deal)
    rows = [
        _summary(held[0].owner, str(held[0].owner.user) if held[0].owner else "Nobody yet", held)
        for held in groups.values()
    ]
    return sorted(rows, key=lambda row: (row.mean is None, row.mean or 0.0, row.name))


def _summary(owner: Membership | None, name: str, deals: Sequence[Deal]) -> RepSummary:
    rows = [deal.alignment for deal in deals]
    scores = [row.score for row in rows if row.score is not None]
    gaps = [row.gap for row in rows if row.gap is not None and row.score is not None]
    return RepSummary(
        owner=owner,
        name=name,
        deals=len(deals),
        mean=fmean(scores) if scores else None,
        low=sum(score < SCORE_LOW for score in scores),
        ahead=sum(gap >= 1 for gap in gaps),
        behind=sum(gap <= -1 for gap in gaps),
        without_evidence=sum(row.reason == Reason.NO_EVIDENCE for row in rows),
    )
