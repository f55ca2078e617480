"""Requests that carry a key are done once: their answer is kept beside what they wrote, in one transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import ApiToken, IdempotencyKey
from core import scope
from core.exceptions import ConflictError

KEPT = timedelta(hours=24)
PURGE_AT_ONCE = 10_000


class KeyReusedError(ConflictError):
    """The key came before with another request."""

    code = "idempotency_key_reused"


class KeyInUseError(ConflictError):
    """The first request with the key is still being done."""

    code = "idempotency_key_in_use"


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered to the first request with the key."""

    status: int
    body: Any


def key_claim(*, token: ApiToken, key: str, request_hash: str) -> KeptAnswer | None:
    """Hold the key until this transaction ends; give the answer that it had before, if any.

    Needs a transaction: what the request writes and its answer are stored together or not at all.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [f"idempotency:{key}", token.pk])
        (held,) = cursor.fetchone()
    if not held:
        raise KeyInUseError("The first request with this key is still being done. Ask again in a second.")
    known = IdempotencyKey.objects.filter(token=token, key=key).first()
    if known is None:
        return None
    if known.created_at <= timezone.now() - KEPT:
        known.delete()
        return None
    if known.request_hash != request_hash:
        raise KeyReusedError("This key came with another request before. Use a new key for a new request.")
    return KeptAnswer(status=known.status or 200, body=known.body)


def key_keep(*, token: ApiToken, key: str, request_hash: str, status: int, body: Any) -> None:
    """Store the answer to give again."""
    IdempotencyKey(
        workspace_id=token.workspace_id, token=token, key=key, request_hash=request_hash, status=status, body=body
    ).save(force_insert=True)


def keys_purge() -> int:
    """Forget keys older than a day, in batches; give how many."""
    gone = 0
    with scope.across_workspaces("forget old idempotency keys"):
        old = IdempotencyKey.objects.filter(created_at__lte=timezone.now() - KEPT).order_by("pk")
        while batch := list(old.values_list("pk", flat=True)[:PURGE_AT_ONCE]):
            IdempotencyKey.objects.filter(pk__in=batch).delete()
            gone += len(batch)
    return gone
