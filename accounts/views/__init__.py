"""First pages of the settings; their forms and services follow."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.is_member)
def settings(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/settings.html")


@members_only(policies.is_member)
def profile(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/profile.html")


@members_only(policies.is_admin)
def people(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/people.html")


@members_only(policies.is_admin)
def person(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/person.html")


@members_only(policies.is_admin)
def invitations(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/invitations.html")


@members_only(policies.is_admin)
def teams(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/teams.html")


@members_only(policies.is_admin)
def team(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/team.html")


@members_only(policies.is_member)
def tokens(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "accounts/tokens.html")


@require_POST
@members_only(policies.is_admin)
def switch(request: MemberRequest, pk: int) -> HttpResponse:
    """Go back to the list."""
    return redirect("today")


@require_POST
@members_only(policies.is_admin)
def person_end(request: MemberRequest, pk: int) -> HttpResponse:
    """Go back to the list."""
    return redirect("accounts:people")


@require_POST
@members_only(policies.is_admin)
def person_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Go back to the list."""
    return redirect("accounts:people")


@require_POST
@members_only(policies.is_admin)
def invitation_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Go back to the list."""
    return redirect("accounts:invitations")


@require_POST
@members_only(policies.is_admin)
def token_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Go back to the list."""
    return redirect("accounts:tokens")


def join(request, secret: str) -> HttpResponse:
    """Show the invitation."""
    return render(request, "accounts/join.html")
