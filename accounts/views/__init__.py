"""Pages of the settings."""

from accounts.views.invitations import invitation_withdraw, invitations, join
from accounts.views.own import profile, settings, switch, workspace
from accounts.views.people import people, person, person_end, person_restore
from accounts.views.teams import team, teams
from accounts.views.tokens import token_revoke, tokens

__all__ = [
    "invitation_withdraw",
    "invitations",
    "join",
    "people",
    "person",
    "person_end",
    "person_restore",
    "profile",
    "settings",
    "switch",
    "team",
    "teams",
    "token_revoke",
    "tokens",
    "workspace",
]
