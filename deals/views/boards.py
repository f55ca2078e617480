"""Pages of deals."""

from typing import Any

from django.http import HttpResponse

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.works_on_deals)
def board(request: MemberRequest, /, **ids: Any) -> HttpResponse:
    """Say that the page is not there yet."""
    return HttpResponse(status=204)
