"""Limits of the API. Apart from core.api, since the REST framework loads throttles while it loads itself."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class TokenThrottle(SimpleRateThrottle):
    """Limits each token, with Retry-After."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by token; requests without one are refused before they cost anything."""
        return f"throttle-token-{request.auth.pk}" if request.auth else None
