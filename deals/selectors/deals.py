"""Deals as pages find them: one, a list with filters, a board, an export."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, OrderBy, Q, QuerySet

from accounts.choices import Role
from accounts.models import Membership
from buying_process.models import Stage, Version
from deals.choices import Outcome
from deals.models import Deal, DealQuerySet
from interviews.models import Segment

BANDS: dict[str, tuple[str, Q]] = {
    "high": ("70 and more", Q(alignment__score__gte=70)),
    "middle": ("40 to 70", Q(alignment__score__gte=40, alignment__score__lt=70)),
    "low": ("Under 40", Q(alignment__score__lt=40)),
    "ahead": ("We are ahead of them", Q(alignment__gap__gte=1)),
    "behind": ("We are behind them", Q(alignment__gap__lte=-1)),
    "none": ("No score yet", Q(alignment__score__isnull=True)),
}
SORTS: dict[str, tuple[str, str]] = {
    "alignment": ("Alignment", "alignment__score"),
    "gap": ("Ahead or behind", "alignment__gap"),
    "outlook": ("Chance to win", "alignment__outlook__0"),
    "amount": ("Amount", "amount"),
    "opened": ("Opened", "opened_at"),
    "name": ("Deal", "name"),
}
DEFAULT_SORT = "-opened"
CARDS_AT_MOST = 400


@dataclass(frozen=True)
class DealFilters:
    """What a list is narrowed to; None and "" leave it open."""

    q: str = ""
    outcome: str = Outcome.OPEN
    band: str = ""
    owner: int | None = None
    segment: int | None = None
    version: int | None = None
    stage: int | None = None
    likely: int | None = None
    sort: str = DEFAULT_SORT


@dataclass(frozen=True)
class Choices:
    """What the filters offer."""

    owners: list[tuple[int, str]] = field(default_factory=list)
    segments: list[tuple[int, str]] = field(default_factory=list)
    versions: list[tuple[int, str]] = field(default_factory=list)
    stages: list[tuple[int, str]] = field(default_factory=list)


def visible_deals(membership: Membership) -> DealQuerySet:
    """Give the deals that a member may see."""
    return Deal.objects.visible_to(membership)


def deal_for(membership: Membership, deal_id: int) -> Deal | None:
    """Find a deal that a member may see, with what its page says of it. One query."""
    rows = visible_deals(membership).select_related(
        "alignment", "owner__user", "owner__team", "segment", "version__process", "stage"
    )
    return rows.filter(pk=deal_id).first()


def filtered(membership: Membership, filters: DealFilters) -> QuerySet[Deal]:
    """Give the visible deals that the filters leave, in their order; one query when read."""
    deals = visible_deals(membership)
    for name, value in (
        ("outcome", filters.outcome),
        ("owner_id", filters.owner),
        ("segment_id", filters.segment),
        ("version_id", filters.version),
        ("stage_id", filters.stage),
        ("alignment__likely_stage_id", filters.likely),
    ):
        if value:
            deals = deals.filter(**{name: value})
    if filters.band in BANDS:
        deals = deals.filter(BANDS[filters.band][1])
    if filters.q:
        deals = deals.filter(named(filters.q))
    return deals.select_related(*ROW).order_by(*ordering(filters.sort))


ROW = ("alignment__likely_stage", "owner__user", "segment", "stage")


def named(text: str) -> Q:
    """Match the name, the account or the other system's id."""
    return Q(name__icontains=text) | Q(account__icontains=text) | Q(external_id__iexact=text)


def ordering(sort: str) -> list[OrderBy]:
    """Turn "alignment" or "-alignment" into an order; what has no value comes last."""
    key = sort.removeprefix("-")
    if key not in SORTS:
        sort = DEFAULT_SORT
        key = sort.removeprefix("-")
    column = F(SORTS[key][1])
    first = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return [first, F("pk").desc()]


def choices(membership: Membership) -> Choices:
    """Give what the visible deals can be filtered by; three queries."""
    deals = visible_deals(membership)
    owners = (
        deals.filter(owner__isnull=False)
        .order_by("owner__user__full_name")
        .values_list("owner_id", "owner__user__full_name", "owner__user__email")
    )
    stages = (
        Stage.objects.filter(version__in=deals.filter(version__isnull=False).order_by().values("version"))
        .select_related("version__process")
        .order_by("version__process__name", "-version__number", "position")
    )
    rows = list(stages)
    versions = {stage.version_id: str(stage.version) for stage in rows}
    return Choices(
        owners=[(pk, name or email) for pk, name, email in owners.distinct()],
        segments=list(Segment.objects.visible_to(membership).values_list("pk", "name")),
        versions=list(versions.items()),
        stages=[(stage.pk, stage.name if len(versions) == 1 else f"{stage.name} ({stage.version})") for stage in rows],
    )


@dataclass(frozen=True)
class BoardColumn:
    """A stage of the board with its deals."""

    stage: Stage | None
    deals: list[Deal]

    @property
    def amount(self) -> Decimal:
        """The sum of the deals' amounts."""
        return sum((deal.amount for deal in self.deals if deal.amount is not None), Decimal(0))


@dataclass(frozen=True)
class Board:
    """The open deals of one version by the stage that was logged."""

    version: Version | None
    versions: list[Version]
    columns: list[BoardColumn]
    hidden: int = 0


def board_of(membership: Membership, version_id: int) -> Board:
    """Give the board of a version, or of the one with the most open deals. Three queries."""
    deals = visible_deals(membership).open()
    counted = Version.objects.filter(pk__in=deals.order_by().values("version")).select_related("process")
    versions = list(counted.order_by("process__name", "-number"))
    rows = list(deals.select_related(*ROW).order_by(F("alignment__score").asc(nulls_last=True), "-pk"))
    held: dict[int | None, int] = {}
    for deal in rows:
        held[deal.version_id] = held.get(deal.version_id, 0) + 1
    chosen = next((each for each in versions if each.pk == version_id), None)
    if chosen is None:
        chosen = max(versions, key=lambda each: (held.get(each.pk, 0), each.pk), default=None)
    shown = [deal for deal in rows if chosen is not None and deal.version_id == chosen.pk]
    stages = list(chosen.stages.order_by("position")) if chosen else []
    return Board(chosen, versions, _columns(stages, shown[:CARDS_AT_MOST]), max(len(shown) - CARDS_AT_MOST, 0))


def _columns(stages: list[Stage], deals: Iterable[Deal]) -> list[BoardColumn]:
    groups: dict[int | None, list[Deal]] = {}
    for deal in deals:
        groups.setdefault(deal.stage_id, []).append(deal)
    without = [BoardColumn(None, groups[None])] if groups.get(None) else []
    return without + [BoardColumn(stage, groups.get(stage.pk, [])) for stage in stages]


EXPORT_COLUMNS = (
    "ID", "External ID", "Deal", "Account", "Owner", "Segment", "Amount", "Currency", "Outcome", "Opened", "Closed",
    "Stage", "They are probably at", "Ahead (+) or behind (-)", "Alignment", "Why no score", "Position", "Evidence",
    "People", "Information", "Effort", "Won", "Lost", "No decision", "Days left", "As of",
)  # fmt: skip


def export_rows(deals: QuerySet[Deal]) -> Iterable[list[Any]]:
    """Give one row a deal for a spreadsheet."""
    for deal in deals.iterator(chunk_size=2000):
        row = deal.alignment
        won, lost, none = row.outlook or (None, None, None)
        yield [
            deal.pk, deal.external_id, deal.name, deal.account, owner_of(deal), deal.segment, deal.amount,
            deal.currency, deal.get_outcome_display(), deal.opened_at, deal.closed_at, deal.stage, row.likely_stage,
            row.gap, row.score, row.reason, row.component_position, row.component_evidence, row.component_people,
            row.component_information, row.component_effort, won, lost, none, row.days_left, row.as_of,
        ]  # fmt: skip


def owner_of(deal: Deal) -> str:
    """Name the owner: a member, else as the CRM names them."""
    return str(deal.owner.user) if deal.owner else deal.owner_name


def members_who_own(membership: Membership) -> QuerySet[Membership]:
    """Give the members that a deal may belong to: all for sales ops, the team for a manager, oneself for a rep."""
    members = Membership.objects.visible_to(membership).active().select_related("user").order_by("user__full_name")
    if membership.role == Role.DESIGNER:
        return members.filter(role__in=[Role.REP, Role.MANAGER])
    if membership.role == Role.MANAGER:
        return members.filter(Q(team__manager=membership) | Q(pk=membership.pk))
    return members.filter(pk=membership.pk)


def members_to_share_with(membership: Membership) -> QuerySet[Membership]:
    """Give the reps of the workspace."""
    members = Membership.objects.visible_to(membership).active().select_related("user")
    return members.filter(role=Role.REP).order_by("user__full_name")
