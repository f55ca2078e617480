"""Deals as pages find them: one, a board, and who may own and share them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from accounts.choices import Role
from accounts.models import Membership
from buying_process.models import Stage, Version
from deals.models import Deal, DealQuerySet

CARDS_AT_MOST = 400


def visible_deals(membership: Membership) -> DealQuerySet:
    """Give the deals that a member may see."""
    return Deal.objects.visible_to(membership)


def deal_for(membership: Membership, deal_id: int) -> Deal | None:
    """Find a deal that a member may see, with what its page says of it. One query."""
    rows = visible_deals(membership).select_related(
        "alignment", "owner__user", "owner__team", "segment", "version__process", "stage"
    )
    return rows.filter(pk=deal_id).first()


ROW = ("alignment__likely_stage", "owner__user", "segment", "stage")


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
