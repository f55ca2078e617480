"""The gate of every view: signed in, a member, and allowed. What a role may not do answers 403; what a person may not
see is left out of their querysets and answers 404.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Membership
from accounts.policies import Policy

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request by a member: what `@members_only` hands to a view."""

    membership: Membership
    htmx: Any


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponse]


def members_only(may: Policy) -> Callable[[MemberView[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let members through for whom `may(membership)` holds."""

    def decorate(view: MemberView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request") == "true":  # a sign-in page is no part of an open page
                    return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
                return redirect_to_login(request.get_full_path())
            membership = getattr(request, "membership", None)
            if membership is None:
                return render(request, "accounts/no_workspace.html", status=403)
            if not may(membership):
                raise PermissionDenied
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.asks_policy = may  # type: ignore[attr-defined]  # how a test tells guarded views
        return guarded

    return decorate
