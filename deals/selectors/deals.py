"""Deals as pages find them: one of them, and who may own and share them."""

from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from accounts.choices import Role
from accounts.models import Membership
from deals.models import Alignment, Deal, DealQuerySet


def visible_deals(membership: Membership) -> DealQuerySet:
    """Give the deals that a member may see."""
    return Deal.objects.visible_to(membership)


def scored(deal: Deal) -> Alignment:
    """Give a deal's score with the fit that it comes from, read anew. One query."""
    return Alignment.objects.select_related("fit").get(deal=deal)


def deal_for(membership: Membership, deal_id: int) -> Deal | None:
    """Find a deal that a member may see, with what its page says of it. One query."""
    rows = visible_deals(membership).select_related(
        "alignment__likely_stage", "owner__user", "owner__team", "segment", "version__process", "stage", "workspace"
    )
    return rows.filter(pk=deal_id).first()


LEAST_ALIGNED = (F("alignment__score").asc(nulls_last=True), F("pk").asc())  # as the index on scores lies
ROW = ("alignment__likely_stage", "owner__user", "stage")


def owner_of(deal: Deal) -> str:
    """Name the owner: a member, else as the CRM names them."""
    return str(deal.owner.user) if deal.owner else deal.owner_name


def members_who_own(membership: Membership, *, held: int = 0) -> QuerySet[Membership]:
    """Give the members that a deal may belong to: all for sales ops, the team for a manager, oneself for a rep.

    `held` is who has it already, who may keep it whoever that is.
    """
    members = Membership.objects.visible_to(membership).select_related("user").order_by("user__full_name")
    chosen = Q(pk=membership.pk)
    if membership.role == Role.DESIGNER:
        chosen = Q(role__in=[Role.REP, Role.MANAGER])
    elif membership.role == Role.MANAGER:
        chosen |= Q(team__manager=membership)
    return members.active().filter(chosen) | members.filter(pk=held)


def members_to_share_with(membership: Membership, *, held: Collection[int] = ()) -> QuerySet[Membership]:
    """Give the reps of the workspace, and who is `held` already, who may stay whoever that is."""
    members = Membership.objects.visible_to(membership).select_related("user").order_by("user__full_name")
    return members.active().filter(role=Role.REP) | members.filter(pk__in=held)
