"""Numbers that cannot be computed: what keeps the workers from a score keeps pages from it, and must take no more."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from deals.models import Deal

Found = TypeVar("Found")
SPOILT = (ArithmeticError, LookupError, ValueError)  # what numbers raise that do not fit each other
log = structlog.get_logger(__name__)


def unless_spoilt(deal: Deal, read: Callable[[], Found]) -> Found | None:
    """Read what is computed of a deal; None where its numbers are spoilt, or where the workers failed at them too."""
    try:
        return read()
    except Exception as error:
        if not (deal.alignment.error or isinstance(error, SPOILT)):
            raise
        log.warning("deal_without_numbers", deal_id=deal.pk, exc_info=True)
        return None
