"""Pages of the interviews room: record."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def interview_add(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def interview(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def facts(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")
