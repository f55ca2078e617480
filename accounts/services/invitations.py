"""Invitations: the only way in. The link's secret is shown once and mailed; only its hash is kept."""

from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Invitation, Membership, Team, User, Workspace
from accounts.selectors import invitation_problem
from accounts.services.workspaces import membership_create
from accounts.tokens import new_secret, token_hash
from core import audit, scope
from core.exceptions import ApplicationError
from core.write import change, create

VALID_FOR = timedelta(days=14)


@transaction.atomic
def invitation_create(
    *,
    email: str,
    role: str,
    actor: Membership | None,
    team: Team | None = None,
    workspace: Workspace | None = None,
    link_to: Callable[[str], str] | None = None,
) -> tuple[Invitation, str]:
    """Invite somebody. Gives the link's secret; with `link_to` (secret to address) it is also mailed after commit.

    An invitation for the same address and role that still waits is withdrawn: its link is lost to everybody.
    Without `actor` it is the set-up that invites, into `workspace`.
    """
    inside = actor.workspace if actor else workspace
    if inside is None:
        raise ApplicationError("Name the workspace to invite into.")
    email = email.strip().lower()
    if team is not None and team.workspace_id != inside.pk:
        raise ApplicationError("That team is not of this workspace.", fields={"team": ["Pick a team of the list."]})
    if Membership.objects.active().filter(workspace=inside, user__email=email, role=role).exists():
        raise ApplicationError(
            f"{email} is a member with this role already.", fields={"email": ["Already a member with this role."]}
        )
    waiting = Invitation.objects.filter(workspace=inside, email=email, role=role, accepted_at=None, withdrawn_at=None)
    for former in waiting:
        _withdraw(former, actor)
    secret = new_secret()
    invitation = create(
        Invitation(
            workspace=inside,
            email=email,
            role=role,
            team=team,
            token_hash=token_hash(secret),
            invited_by=actor,
            expires_at=timezone.now() + VALID_FOR,
        )
    )
    audit.record("invitation.create", invitation, actor=actor, changes={"role": role})
    if link_to is not None:
        link = link_to(secret)
        # a mail server that is down must not undo the invitation: its link is on the screen as well
        transaction.on_commit(lambda: _mail(invitation, link), robust=True)
    return invitation, secret


@transaction.atomic
def invitation_withdraw(*, invitation: Invitation, actor: Membership) -> None:
    """Make an invitation's link worthless."""
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at is not None:
        raise ApplicationError(f"{locked.email} has accepted already. End the membership instead.")
    if locked.withdrawn_at is None:
        _withdraw(locked, actor)


def _withdraw(invitation: Invitation, actor: Membership | None) -> None:
    change(invitation, withdrawn_at=timezone.now())
    audit.record("invitation.withdraw", invitation, actor=actor)


@transaction.atomic
def invitation_accept(*, secret: str, user: User | None = None, full_name: str = "", password: str = "") -> Membership:
    """Join by an invitation: as `user`, who is signed in, or as a new person with a name and a password."""
    with scope.across_workspaces("find the invitation's workspace"):
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("workspace", "team", "invited_by__user")
            .filter(token_hash=token_hash(secret))
            .first()
        )
    problem = invitation_problem(invitation)
    if invitation is None or problem:
        raise ApplicationError(problem)
    with scope.in_workspace(invitation.workspace_id):
        person = _invited_person(invitation, user, full_name, password)
        membership = membership_create(
            workspace=invitation.workspace,
            user=person,
            role=invitation.role,
            team=invitation.team,
            actor=invitation.invited_by,
        )
        change(invitation, accepted_at=timezone.now())
        audit.record("invitation.accept", invitation, actor=membership)
    return membership


def _invited_person(invitation: Invitation, user: User | None, full_name: str, password: str) -> User:
    if user is not None:
        if user.email.lower() != invitation.email.lower():
            raise ApplicationError(f"This invitation is for {invitation.email}. Sign out, and open its link again.")
        return user
    if User.objects.filter(email=invitation.email).exists():
        raise ApplicationError(f"{invitation.email} has an account already. Sign in, and open the link again.")
    person = User.objects.create_user(invitation.email, password, full_name=full_name)
    # whoever holds the link was vouched for by the admin or reads the address's mail
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def _mail(invitation: Invitation, link: str) -> None:
    context = {"invitation": invitation, "link": link, "days": VALID_FOR.days}
    send_mail(
        f"Join {invitation.workspace.name} on SalesFlow",
        render_to_string("accounts/mail/invitation.txt", context),
        None,
        [invitation.email],
    )
