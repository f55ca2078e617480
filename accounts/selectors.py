"""Reads of people and memberships."""

from django.db.models import QuerySet

from accounts.models import Membership


def memberships_of(user_id: int) -> QuerySet[Membership]:
    """Give a person's active memberships, in every workspace."""
    return (
        Membership.objects.active().filter(user_id=user_id).select_related("workspace", "user", "team").order_by("pk")
    )


def membership_of_session(user_id: int, membership_id: int | None) -> Membership | None:
    """Give the membership that a session chose, else the person's first."""
    memberships = list(memberships_of(user_id))
    chosen = [membership for membership in memberships if membership.pk == membership_id]
    return next(iter(chosen or memberships), None)
