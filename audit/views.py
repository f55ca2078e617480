"""Pages."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.is_member)
def events(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "audit/events.html")


@members_only(policies.is_member)
def export(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "audit/export.html")

