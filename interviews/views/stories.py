"""Pages of the interviews room: stories."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.reads_interviews)
def interview_list(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")


@members_only(policies.reads_interviews)
def export(request: MemberRequest) -> HttpResponse:
    """Answer."""
    return redirect("today")
