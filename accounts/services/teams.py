"""Teams: who watches whose deals."""

from collections.abc import Iterable

from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team
from accounts.services.memberships import membership_set_team
from core import audit
from core.exceptions import ApplicationError
from core.write import change, create


def _refuse_other_than_manager(manager: Membership | None, workspace_pk: int) -> None:
    if manager is not None and (manager.workspace_id != workspace_pk or manager.role != Role.MANAGER):
        raise ApplicationError(
            "A team's manager is a member with the role Manager.", fields={"manager": ["Pick a manager of the list."]}
        )


@transaction.atomic
def team_create(*, name: str, actor: Membership, manager: Membership | None = None) -> Team:
    """Start a team."""
    _refuse_other_than_manager(manager, actor.workspace_id)
    team = create(Team(workspace_id=actor.workspace_id, name=name, manager=manager))
    audit.record("team.create", team, actor=actor)
    return team


@transaction.atomic
def team_rename(*, team: Team, name: str, actor: Membership) -> None:
    """Call a team something else."""
    changes = change(team, name=name)
    if changes:
        audit.record("team.rename", team, actor=actor, changes=changes)


@transaction.atomic
def team_set_manager(*, team: Team, manager: Membership | None, actor: Membership) -> None:
    """Say who watches the team's deals."""
    _refuse_other_than_manager(manager, team.workspace_id)
    changes = change(team, manager=manager)
    if changes:
        audit.record("team.set_manager", team, actor=actor, changes=changes)


@transaction.atomic
def team_assign(*, team: Team, members: Iterable[Membership], actor: Membership) -> None:
    """Make these the team's members; whoever is left out is in no team. Those who left keep theirs, to come back to."""
    wanted = {member.pk: member for member in members}
    for member in Membership.objects.visible_to(actor).active().select_related("user").filter(team=team):
        if wanted.pop(member.pk, None) is None:
            membership_set_team(membership=member, team=None, actor=actor)
    for member in wanted.values():
        membership_set_team(membership=member, team=team, actor=actor)
