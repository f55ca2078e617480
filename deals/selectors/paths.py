"""The paths of deals that ended, as derivation may take them for further evidence."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import F

from buying_process.selectors.closed import ClosedPath
from deals.choices import Outcome
from deals.models import Signal

ENDED = (Outcome.WON, Outcome.LOST, Outcome.NO_DECISION)


def paths_of_closed_deals(segment_id: int | None) -> Iterator[ClosedPath]:
    """Give what was seen of each closed deal of a segment, or of all (None), in order of time. One query."""
    rows = Signal.objects.filter(
        retracted_at__isnull=True,
        activity__code__isnull=False,
        deal__outcome__in=ENDED,
        occurred_at__lte=F("deal__closed_at"),
    )
    if segment_id is not None:
        rows = rows.filter(deal__segment_id=segment_id)
    seen = rows.order_by("deal_id", "occurred_at", "pk").values_list("deal_id", "deal__outcome", "activity__code_id")
    for _, group in groupby(seen.iterator(chunk_size=10_000), key=lambda row: row[0]):
        steps = list(group)
        yield ClosedPath(tuple(code for _, _, code in steps if code is not None), steps[0][1])
