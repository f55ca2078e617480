"""API permissions: the policies of the pages, asked of the token's membership."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import policies


class IsMember(BasePermission):
    """Any member's token. A view names `may_read` and `may_write` to ask for more."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask the view's policy for this method. A browser's session opens pages, never the API."""
        if request.auth is None:
            return False
        membership = getattr(request._request, "membership", None)
        name = "may_read" if request.method in {"GET", "HEAD", "OPTIONS"} else "may_write"
        may: policies.Policy = getattr(view, name, policies.is_member)
        return bool(policies.is_member(membership) and may(membership))
