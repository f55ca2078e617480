"""What a deal says of itself, as a person edits it."""

import json
from decimal import Decimal
from typing import Any

from deals.models import Deal

EDITED = ("name", "account", "amount", "currency", "owner", "segment", "channels", "shared_with")


def details_of(deal: Deal) -> dict[str, Any]:
    """Give the values that the form of a deal holds, lists in an order of their own."""
    values = {name: getattr(deal, name) for name in EDITED}
    shared = deal.shared_with.select_related("user").order_by("pk")
    return values | {"channels": sorted(deal.channels), "shared_with": list(shared)}


def details_seen(deal: Deal) -> str:
    """Give those values as a text that the form carries, so that a later save can tell what was changed meanwhile."""
    return json.dumps({name: shown(value) for name, value in details_of(deal).items()})


def shown(value: Any) -> str:
    """Give a value as a text by which it is compared: rows by their key, lists sorted."""
    if isinstance(value, list):
        return ",".join(sorted(map(shown, value)))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if value is None:
        return ""
    return str(getattr(value, "pk", value))
