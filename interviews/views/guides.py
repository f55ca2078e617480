"""Pages of the interviews room: guides."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def guide_list(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def guide(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def version(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Answer."""
    return redirect("today")
