"""How sign-up works here: by invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account without an invitation's link."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell that the public sign-up is closed."""
        return False
