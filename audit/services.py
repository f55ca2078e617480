"""Store audit rows."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import models

from accounts.models import Workspace
from audit.models import AuditEvent


def _plain(value: Any) -> Any:
    """Turn a value into what JSON holds."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, Decimal | datetime | date):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def store_event(verb: str, target: models.Model, *, actor: models.Model | None, changes: Mapping[str, Any]) -> None:
    """Insert one audit row, in the target's workspace (the target itself where it is one)."""
    AuditEvent(
        workspace_id=target.pk if isinstance(target, Workspace) else target.workspace_id,  # type: ignore[attr-defined]
        actor_id=actor.pk if actor else None,
        actor_label=str(actor)[:200] if actor else "SalesFlow",
        verb=verb,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        object_label=str(getattr(target, "audit_label", target))[:200],
        changes=_plain(changes),
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    ).save(force_insert=True)
