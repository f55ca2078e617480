"""Who may do what: small predicates on a membership, asked by views, API and templates alike."""

from collections.abc import Callable

from rules.predicates import predicate

from accounts.choices import Role
from accounts.models import ApiToken, Membership

Policy = Callable[[Membership | None], bool]


def _has_role(*roles: Role) -> Policy:
    names = {str(role) for role in roles}

    def holds(membership: Membership | None) -> bool:
        return membership is not None and membership.role in names

    policy: Policy = predicate(holds, name="or".join(sorted(names)))  # type: ignore[no-untyped-call]
    return policy


is_member = _has_role(*Role)
is_designer = _has_role(Role.DESIGNER)
is_admin = _has_role(Role.ADMIN)
works_on_deals = _has_role(Role.DESIGNER, Role.MANAGER, Role.REP)
reads_interviews = _has_role(Role.DESIGNER, Role.MANAGER)
reads_process = works_on_deals
watches_team = _has_role(Role.DESIGNER, Role.MANAGER)
manages_people = is_admin
manages_workspace = is_admin
reads_record = is_admin


def may_revoke(membership: Membership, token: ApiToken) -> bool:
    """Own tokens, and every token of the workspace for an admin."""
    return token.workspace_id == membership.workspace_id and (
        token.membership.user_id == membership.user_id or is_admin(membership)
    )
