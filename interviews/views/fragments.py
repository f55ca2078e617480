"""Pages of the interviews room: fragments."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def today(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def search(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")
