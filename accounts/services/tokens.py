"""Tokens with which programs act as a membership."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import policies
from accounts.models import ApiToken, Membership
from accounts.tokens import PREFIX, new_secret, token_hash
from core import audit, scope
from core.exceptions import ApplicationError
from core.write import change, create

SHOWN_OF_SECRET = len(PREFIX) + 6
TOUCH_AFTER = timedelta(minutes=1)


@transaction.atomic
def token_create(
    *, membership: Membership, name: str, actor: Membership | None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token that acts as `membership`. Gives the secret, which is never shown again."""
    if expires_at is not None and expires_at <= timezone.now():
        raise ApplicationError(
            "A token expires in the future.", fields={"expires_at": ["Pick a day after today, or none."]}
        )
    secret = new_secret()
    token = create(
        ApiToken(
            workspace_id=membership.workspace_id,
            membership=membership,
            name=name,
            prefix=secret[:SHOWN_OF_SECRET],
            token_hash=token_hash(secret),
            expires_at=expires_at,
        )
    )
    audit.record("token.create", token, actor=actor, changes={"acts_as": membership})
    return token, secret


@transaction.atomic
def token_revoke(*, token: ApiToken, actor: Membership) -> None:
    """Stop a token for good."""
    if not policies.may_revoke(actor, token):
        raise ApplicationError("Only an admin stops somebody else's token.")
    if token.revoked_at is None:
        change(token, revoked_at=timezone.now())
        audit.record("token.revoke", token, actor=actor)


def token_used(*, token: ApiToken) -> None:
    """Keep when a token was last used, to the minute; no audit row, since nobody changed anything."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > TOUCH_AFTER:
        with scope.in_workspace(token.workspace_id):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
