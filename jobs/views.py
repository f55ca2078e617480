"""Pages."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.is_member)
def job_list(request: MemberRequest) -> HttpResponse:
    """Show the page."""
    return render(request, "jobs/job_list.html")


@members_only(policies.is_member)
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the page."""
    return render(request, "jobs/detail.html")


@members_only(policies.is_member)
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the page."""
    return render(request, "jobs/cancel.html")

