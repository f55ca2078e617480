"""Views of the list of deals: kept under a name, shared, used first, deleted and brought back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core.audit import record
from core.exceptions import ForbiddenError
from core.write import change, create
from deals.models import ListView, UsualView
from deals.policies import may_change_view, may_share_views

THEIRS = "This view is somebody else's: save one of your own instead."


@transaction.atomic
def list_view_save(*, actor: Membership, name: str, query: str, is_shared: bool = False) -> ListView:
    """Keep filters and order under a name."""
    _refuse_sharing(actor, is_shared=is_shared)
    made = ListView(workspace_id=actor.workspace_id, owner=actor, name=name.strip(), query=query, is_shared=is_shared)
    create(made)
    record("list_view.save", made, actor=actor, changes={"query": ["", query]})
    return made


@transaction.atomic
def list_view_change(*, view: ListView, actor: Membership, **fields: str | bool) -> ListView:
    """Rename a view, share it, or keep other filters under its name."""
    if not may_change_view(actor, view):
        raise ForbiddenError(THEIRS)
    if fields.get("is_shared", view.is_shared) != view.is_shared:
        _refuse_sharing(actor, is_shared=True)
    if changes := change(view, **fields):
        record("list_view.change", view, actor=actor, changes=changes)
    return view


@transaction.atomic
def list_view_delete(*, view: ListView, actor: Membership) -> None:
    """Take a view away; it can be brought back."""
    if not may_change_view(actor, view):
        raise ForbiddenError(THEIRS)
    change(view, deleted_at=timezone.now())
    record("list_view.delete", view, actor=actor)


@transaction.atomic
def list_view_restore(*, view: ListView, actor: Membership) -> None:
    """Bring a deleted view back."""
    if not may_change_view(actor, view):
        raise ForbiddenError(THEIRS)
    if change(view, deleted_at=None):
        record("list_view.restore", view, actor=actor)


@transaction.atomic
def list_view_use(*, view: ListView | None, actor: Membership) -> None:
    """Have a person's list open with this view, or with none."""
    known = UsualView.objects.filter(membership=actor).first()
    if (known.view_id if known else None) == (view.pk if view else None):
        return
    if view is None:
        UsualView.objects.filter(membership=actor).delete()
    else:
        UsualView.objects.update_or_create(
            membership=actor, defaults={"view": view, "workspace_id": actor.workspace_id}
        )
    record("list_view.use", view or actor, actor=actor, changes={"usual": [None, str(view) if view else None]})


def _refuse_sharing(actor: Membership, *, is_shared: bool) -> None:
    if is_shared and not may_share_views(actor):
        raise ForbiddenError("Managers and sales ops share views; keep this one for yourself.")
