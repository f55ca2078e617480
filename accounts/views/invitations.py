"""Invite people, and join by an invitation's link."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policies, selectors
from accounts.access import MemberRequest, members_only
from accounts.forms import InvitationForm, JoinForm
from accounts.middleware import SESSION_KEY
from accounts.models import Membership, User
from accounts.services import invitation_accept, invitation_create
from accounts.services import invitation_withdraw as withdraw
from core.exceptions import ApplicationError
from core.http import go_to

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "POST"])
@members_only(policies.manages_people)
def invitations(request: MemberRequest) -> HttpResponse:
    """List the invitations that wait, and invite somebody; the link is shown once."""
    form = InvitationForm(request.POST or None, membership=request.membership)
    invited, link = None, ""
    if request.method == "POST" and form.is_valid():

        def link_to(secret: str) -> str:
            return request.build_absolute_uri(reverse("accounts:join", args=[secret]))

        try:
            invited, secret = invitation_create(actor=request.membership, link_to=link_to, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("email", error.message)
        else:
            link = link_to(secret)
            form = InvitationForm(membership=request.membership)
    context = {
        "form": form,
        "invited": invited,
        "link": link,
        "invitations": selectors.invitations(request.membership),
    }
    return render(request, "accounts/invitations.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(policies.manages_people)
def invitation_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Make an invitation's link worthless."""
    invitation = get_object_or_404(selectors.all_invitations(request.membership), pk=pk)
    withdraw(invitation=invitation, actor=request.membership)
    messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link no longer works.")
    return go_to(request, reverse("accounts:invitations"))


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Join a workspace by an invitation's link: as oneself, or as a new person with a name and a password."""
    invitation = selectors.invitation_by_secret(secret)
    problem = selectors.invitation_problem(invitation)
    if invitation is None or problem:
        return render(request, "accounts/join_problem.html", {"problem": problem}, status=404)
    form = JoinForm(request.POST or None, email=invitation.email)
    person: User | None = request.user if request.user.is_authenticated else None
    known = person is not None or selectors.has_account(invitation.email)
    if request.method == "POST" and (person is not None or (not known and form.is_valid())):
        try:
            membership = _accept(request, secret, person, form)
        except ApplicationError as error:
            return render(request, "accounts/join_problem.html", {"problem": error.message}, status=error.status)
        request.session[SESSION_KEY] = membership.pk
        messages.success(request, f"Welcome to {membership.workspace.name}.")
        return redirect("today")
    context = {"invitation": invitation, "form": form, "known": known, "person": person}
    return render(request, "accounts/join.html", context, status=422 if form.errors and not known else 200)


def _accept(request: HttpRequest, secret: str, person: User | None, form: JoinForm) -> Membership:
    if person is not None:
        return invitation_accept(secret=secret, user=person)
    membership = invitation_accept(
        secret=secret, full_name=form.cleaned_data["full_name"], password=form.cleaned_data["password"]
    )
    login(request, membership.user, backend=BACKEND)
    return membership
