"""Bearer tokens of the API: each acts as one membership, so in one workspace with one role."""

from datetime import UTC
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, Membership, User
from accounts.selectors import token_by_secret
from accounts.services.tokens import token_used
from core import scope


class BearerTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Sets `request.membership` and the query scope."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Give the person and the token, or None where the header names no bearer token."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:  # noqa: PLR2004  the scheme and the token
            raise AuthenticationFailed("Send the header as “Authorization: Bearer <token>”.")
        token = self._find(words[1].decode("latin-1"))
        scope.enter(token.workspace_id)
        timezone.activate(UTC)
        request._request.membership = token.membership  # type: ignore[attr-defined]
        return token.membership.user, token

    def authenticate_header(self, request: Request) -> str:
        """Make a missing token a 401, not a 403."""
        return 'Bearer realm="api"'

    @staticmethod
    def _find(secret: str) -> ApiToken:
        token = token_by_secret(secret)
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        token_used(token=token)
        return token


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the bearer token in the schema."""

    target_class = BearerTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Give the scheme's definition."""
        return {"type": "http", "scheme": "bearer"}


def member_of(request: Request) -> Membership:
    """Give the membership that the token acts as."""
    membership: Membership = request._request.membership  # type: ignore[attr-defined]
    return membership
