"""Pages of the interviews room: timeline."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def page(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def move(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def add(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def restore(request: MemberRequest, pk: int, token: str) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def date(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")
