"""Save the form of a deal: what two people changed at once is merged field by field, else shown."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.models import Membership
from core.exceptions import ConflictError
from deals.models import Deal
from deals.selectors.details import EDITED, details_of, shown
from deals.services.deals import deal_share, deal_update


class EditConflictError(ConflictError):
    """Two people changed the same of a deal; `seen` is what the form has seen now, of these fields alone anew."""

    def __init__(self, message: str, *, seen: str) -> None:
        super().__init__(message)
        self.seen = seen


def deal_edit(*, deal: Deal, seen: str, actor: Membership, shared_with: Iterable[Membership], **details: Any) -> Deal:
    """Save what a person changed since they opened the form; `seen` is `details_seen` of that moment.

    What somebody else changed meanwhile stays where this person left it alone. Where both changed the same, nothing
    is saved and an EditConflictError names the other's values.
    """
    mine: dict[str, Any] = {**details, "shared_with": list(shared_with)}
    with transaction.atomic():
        Deal.objects.select_for_update(no_key=True).get(pk=deal.pk)
        deal.refresh_from_db(fields=[name for name in EDITED if name != "shared_with"])
        theirs = details_of(deal)
        former = _read(seen) or {name: shown(value) for name, value in theirs.items()}
        disputed = {}
        for name, value in theirs.items():
            if former.get(name) == shown(value) or shown(mine[name]) == shown(value):
                continue
            if former.get(name) == shown(mine[name]):
                mine[name] = value
            else:
                disputed[name] = value
        if disputed:
            seen_now = {**former, **{name: shown(value) for name, value in disputed.items()}}
            raise EditConflictError(_sentence(disputed), seen=json.dumps(seen_now))
        members = mine.pop("shared_with")
        deal_update(deal=deal, actor=actor, **mine)
        return deal_share(deal=deal, members=members, actor=actor)


def _read(seen: str) -> Mapping[str, str]:
    try:
        read = json.loads(seen)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _sentence(disputed: Mapping[str, Any]) -> str:
    values = [f"{name.replace('_', ' ').capitalize()}: {_named(value)}" for name, value in disputed.items()]
    return f"Somebody changed this deal meanwhile. Theirs: {'; '.join(values)}. Save again to keep yours."


def _named(value: Any) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return words or "nothing"
