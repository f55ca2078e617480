"""People, workspaces, memberships, roles, teams, invitations, tokens."""
