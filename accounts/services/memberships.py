"""Change what a person may do in a workspace, or end it."""

from django.db import transaction
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership, Team, Workspace
from core import audit
from core.exceptions import ApplicationError
from core.write import change


def _lock_admins(membership: Membership) -> None:
    """Take the workspace's row, so that two admins cannot each end the other at the same time."""
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    membership.refresh_from_db()


def _refuse_last_admin(membership: Membership) -> None:
    others = Membership.objects.active().filter(workspace_id=membership.workspace_id, role=Role.ADMIN)
    if membership.role == Role.ADMIN and not others.exclude(pk=membership.pk).exists():
        raise ApplicationError(f"{membership.user} is the last admin. Make somebody else an admin first.")


@transaction.atomic
def membership_change_role(*, membership: Membership, role: str, actor: Membership) -> None:
    """Give a member another role."""
    _lock_admins(membership)
    if role == membership.role:
        return
    _refuse_last_admin(membership)
    twin = Membership.objects.filter(workspace_id=membership.workspace_id, user_id=membership.user_id, role=role)
    if twin.exists():
        raise ApplicationError(
            f"{membership.user} has, or had, a second membership as {Role(role).label}. Restore that one instead.",
            fields={"role": ["There is a membership with this role already."]},
        )
    changes = change(membership, role=role)
    audit.record("membership.change_role", membership, actor=actor, changes=changes)


@transaction.atomic
def membership_set_team(*, membership: Membership, team: Team | None, actor: Membership) -> None:
    """Put a member into a team, or take them out of any."""
    if team is not None and team.workspace_id != membership.workspace_id:
        raise ApplicationError("That team is not of this workspace.", fields={"team": ["Pick a team of the list."]})
    changes = change(membership, team=team)
    if changes:
        audit.record("membership.set_team", membership, actor=actor, changes=changes)


@transaction.atomic
def membership_end(*, membership: Membership, actor: Membership) -> None:
    """End a membership: its sessions and tokens stop at once; what the person did stays."""
    _lock_admins(membership)
    if membership.ended_at is not None:
        return
    _refuse_last_admin(membership)
    change(membership, ended_at=timezone.now())
    audit.record("membership.end", membership, actor=actor)


@transaction.atomic
def membership_restore(*, membership: Membership, actor: Membership) -> None:
    """Take a member back, with the role, the team and the tokens that they had."""
    if change(membership, ended_at=None):
        audit.record("membership.restore", membership, actor=actor)
