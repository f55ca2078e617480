"""Pages of the interviews room: codes."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def code_list(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def starter(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def code(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def segment_list(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def segment(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")
