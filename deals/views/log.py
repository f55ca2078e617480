"""Pages of deals."""

from typing import Any

from django.http import HttpResponse

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.works_on_deals)
def stage(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def signal(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def effort(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def need(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def close(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def reopen(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def retract(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def restore(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)


@members_only(policies.works_on_deals)
def retry(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)
