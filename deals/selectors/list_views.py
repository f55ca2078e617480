"""The views of the list that a person may use."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership
from deals.models import ListView, UsualView


def views_of(membership: Membership) -> list[ListView]:
    """Give a person's views and the shared ones by name; `is_usual` marks the one that their list opens with."""
    usual = UsualView.objects.filter(membership=membership, view=OuterRef("pk"))
    return list(ListView.objects.visible_to(membership).annotate(is_usual=Exists(usual)))


def view_for(membership: Membership, view_id: int) -> ListView | None:
    """Find one that a person may use."""
    usual = UsualView.objects.filter(membership=membership, view=OuterRef("pk"))
    found = ListView.objects.visible_to(membership).annotate(is_usual=Exists(usual)).filter(pk=view_id)
    return found.first()


def deleted_view(membership: Membership, view_id: int) -> ListView | None:
    """Find one that was deleted, of those that a person could use."""
    if not view_id:
        return None
    mine = Q(owner=membership) | Q(is_shared=True)
    return ListView.objects.filter(mine, pk=view_id, deleted_at__isnull=False).first()


def usual_of(views: Sequence[ListView]) -> ListView | None:
    """Give the one that the list opens with."""
    return next((view for view in views if view.is_usual), None)  # type: ignore[attr-defined]  # annotated
