"""Writes of people, workspaces, memberships, invitations, teams and tokens."""

from accounts.services.invitations import invitation_accept, invitation_create, invitation_withdraw
from accounts.services.memberships import (
    membership_change_role,
    membership_end,
    membership_restore,
    membership_set_team,
)
from accounts.services.people import profile_update
from accounts.services.teams import team_assign, team_create, team_rename, team_set_manager
from accounts.services.tokens import token_create, token_revoke
from accounts.services.workspaces import membership_create, workspace_create, workspace_set_time_zone

__all__ = [
    "invitation_accept",
    "invitation_create",
    "invitation_withdraw",
    "membership_change_role",
    "membership_create",
    "membership_end",
    "membership_restore",
    "membership_set_team",
    "profile_update",
    "team_assign",
    "team_create",
    "team_rename",
    "team_set_manager",
    "token_create",
    "token_revoke",
    "workspace_create",
    "workspace_set_time_zone",
]
