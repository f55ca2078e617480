"""Pages of the interviews room: coding."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def page(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def suggest(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def excerpt_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def excerpt_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def excerpt_restore(request: MemberRequest, token: str) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def suggestion_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def suggestion_refuse(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def suggestion_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")
