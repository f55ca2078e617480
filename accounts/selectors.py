"""Reads of people and memberships."""

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken, Invitation, Membership, Team, User
from accounts.tokens import token_hash
from core import scope


def memberships_of(user_id: int) -> QuerySet[Membership]:
    """Give a person's active memberships, in every workspace."""
    return (
        Membership.objects.active().filter(user_id=user_id).select_related("workspace", "user", "team").order_by("pk")
    )


def membership_of_session(user_id: int, membership_id: int | None) -> Membership | None:
    """Give the membership that a session chose, else the person's first."""
    memberships = list(memberships_of(user_id))
    chosen = [membership for membership in memberships if membership.pk == membership_id]
    return next(iter(chosen or memberships), None)


def members(membership: Membership) -> QuerySet[Membership]:
    """Give everybody who is or was in the workspace."""
    return Membership.objects.visible_to(membership).select_related("user", "team", "workspace")


def people(membership: Membership, *, query: str = "", role: str = "", ended: bool = False) -> QuerySet[Membership]:
    """Give the members of a workspace, or those who left, by name or e-mail and role."""
    found = members(membership).filter(ended_at__isnull=not ended)
    if query:
        found = found.filter(Q(user__full_name__icontains=query) | Q(user__email__icontains=query))
    if role:
        found = found.filter(role=role)
    return found.order_by("user__full_name", "user__email", "role")


def teams(membership: Membership) -> QuerySet[Team]:
    """Give the workspace's teams, each with how many active members it has as `size`."""
    active = Q(members__ended_at=None, members__user__is_active=True)
    return (
        Team.objects.visible_to(membership)
        .select_related("manager__user")
        .annotate(size=Count("members", filter=active))
    )


def invitations(membership: Membership) -> QuerySet[Invitation]:
    """Give the workspace's invitations that nobody took up yet, newest first."""
    found = all_invitations(membership).filter(accepted_at=None, withdrawn_at=None)
    return found.select_related("team", "invited_by__user")


def all_invitations(membership: Membership) -> QuerySet[Invitation]:
    """Give the workspace's invitations, whatever became of them."""
    return Invitation.objects.visible_to(membership)


def has_account(email: str) -> bool:
    """Tell whether somebody signs in with this address."""
    return User.objects.filter(email=email.lower()).exists()


def tokens(membership: Membership) -> QuerySet[ApiToken]:
    """Give the tokens that a member may see, those in use first."""
    found = ApiToken.objects.visible_to(membership).select_related("membership__user")
    return found.order_by("revoked_at", "-created_at")


def token_by_secret(secret: str) -> ApiToken | None:
    """Give the token that may be used with this secret, in whatever workspace it is."""
    with scope.across_workspaces("find the token's workspace"):
        return (
            ApiToken.objects.select_related("membership__user", "membership__workspace")
            .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
            .filter(token_hash=token_hash(secret), revoked_at=None, membership__ended_at=None)
            .filter(membership__user__is_active=True)
            .first()
        )


def invitation_by_secret(secret: str) -> Invitation | None:
    """Give the invitation of a link, in whatever workspace it is."""
    with scope.across_workspaces("find the invitation's workspace"):
        return (
            Invitation.objects.select_related("workspace", "invited_by__user")
            .filter(token_hash=token_hash(secret))
            .first()
        )


def invitation_problem(invitation: Invitation | None) -> str:
    """Say in a sentence why an invitation's link does not work; nothing where it does."""
    if invitation is None:
        return "This link is not one of ours, or it was cut off. Copy the whole address, or ask for a new invitation."
    if invitation.withdrawn_at is not None:
        return "This invitation was withdrawn. Ask the admin who invited you for a new one."
    if invitation.accepted_at is not None:
        return "This invitation was used already. Sign in with your e-mail address and password."
    if invitation.expires_at <= timezone.now():
        return "This invitation has expired. Ask the admin who invited you for a new one."
    return ""
