"""Who may do what with a deal. Asked after `visible_to`: what a person may not see is not there at all."""

from accounts.choices import Role
from accounts.models import Membership
from deals.models import Deal, ListView


def may_log(membership: Membership | None, deal: Deal) -> bool:
    """Let sales ops, the owner, the manager of the owner's team and those whom the deal is shared with log on it."""
    if membership is None or membership.workspace_id != deal.workspace_id:
        return False
    if membership.role == Role.DESIGNER:
        return True
    if membership.role == Role.MANAGER:
        team = deal.owner.team if deal.owner else None
        return deal.owner_id == membership.pk or (team is not None and team.manager_id == membership.pk)
    if membership.role == Role.REP:
        return deal.owner_id == membership.pk or deal.shared_with.filter(pk=membership.pk).exists()
    return False


def may_share_views(membership: Membership | None) -> bool:
    """Let managers and sales ops share a view of the list with everybody."""
    return membership is not None and membership.role in {Role.DESIGNER, Role.MANAGER}


def may_change_view(membership: Membership | None, view: ListView) -> bool:
    """Let whoever saved a view change it, and sales ops those that are shared."""
    if membership is None or membership.workspace_id != view.workspace_id:
        return False
    return view.owner_id == membership.pk or (view.is_shared and membership.role == Role.DESIGNER)
