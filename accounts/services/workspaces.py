"""Start a workspace and put its first people in."""

from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User, Workspace
from core import audit, scope
from core.write import change, create


@transaction.atomic
def workspace_create(
    *, name: str, slug: str, owner: User | None = None, currency: str = "EUR", is_demo: bool = False
) -> Workspace:
    """Start a company's workspace; `owner` becomes its first admin."""
    time_zone = owner.time_zone if owner is not None else "UTC"
    workspace = create(Workspace(name=name, slug=slug, currency=currency, time_zone=time_zone, is_demo=is_demo))
    with scope.in_workspace(workspace.pk):
        audit.record("workspace.create", workspace, actor=None, changes={"name": name})
        if owner is not None:
            membership_create(workspace=workspace, user=owner, role=Role.ADMIN)
    return workspace


@transaction.atomic
def workspace_set_time_zone(*, time_zone: str, actor: Membership) -> None:
    """Say where its days begin and end, and where moments of files are that name no zone. The past stays as it is."""
    changes = change(actor.workspace, time_zone=time_zone)
    if changes:
        audit.record("workspace.set_time_zone", actor.workspace, actor=actor, changes=changes)


@transaction.atomic
def membership_create(
    *, workspace: Workspace, user: User, role: str, team: Team | None = None, actor: Membership | None = None
) -> Membership:
    """Let a person into a workspace with a role; one who left with the same role comes back to it."""
    with scope.in_workspace(workspace.pk):
        membership = Membership.objects.filter(workspace=workspace, user=user, role=role).first()
        if membership is None:
            membership = create(Membership(workspace=workspace, user=user, role=role, team=team))
        elif membership.ended_at is not None:
            membership.ended_at, membership.team = None, team
            membership.save(update_fields=["ended_at", "team", "updated_at"])
        else:
            return membership
        audit.record("membership.create", membership, actor=actor, changes={"role": role})
    return membership
