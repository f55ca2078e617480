"""Which membership a request acts as, and the workspace that its queries see."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.selectors import membership_of_session
from core import scope

SESSION_KEY = "membership"


class MembershipMiddleware:
    """Sets `request.membership` (None where there is none), the query scope and the person's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None  # type: ignore[attr-defined]
        with scope.nowhere():
            try:
                if request.user.is_authenticated:
                    membership = membership_of_session(request.user.pk, request.session.get(SESSION_KEY))
                    request.membership = membership  # type: ignore[attr-defined]
                    scope.enter(membership.workspace_id if membership else None)
                    timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
                return self.get_response(request)
            finally:
                timezone.deactivate()
