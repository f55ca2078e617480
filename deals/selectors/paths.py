"""The paths of deals that ended, as derivation may take them for further evidence."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import Exists, F, OuterRef, QuerySet

from buying_process.selectors.closed import FEWEST_SEEN, ClosedPath
from deals.choices import Outcome
from deals.models import Deal, Signal

ENDED = (Outcome.WON, Outcome.LOST, Outcome.NO_DECISION)


def _seen() -> QuerySet[Signal]:
    """Give the signals that are steps of a path: those of the interviews' activities, until the deal ended."""
    return Signal.objects.filter(
        retracted_at__isnull=True, activity__code__isnull=False, occurred_at__lte=F("deal__closed_at")
    )


def closed_deals_counted(segment_id: int | None, at_most: int) -> int:
    """Count the closed deals of a segment, or of all (None), that tell a path of two steps or more. One query."""
    enough = _seen().filter(deal=OuterRef("pk")).order_by("occurred_at")[FEWEST_SEEN - 1 : FEWEST_SEEN]
    deals = Deal.objects.filter(Exists(enough), outcome__in=ENDED).order_by()
    if segment_id is not None:
        deals = deals.filter(segment_id=segment_id)
    return deals.values("pk")[:at_most].count()


def paths_of_closed_deals(segment_id: int | None) -> Iterator[ClosedPath]:
    """Give what was seen of each closed deal of a segment, or of all (None), in order of time. One query."""
    rows = _seen().filter(deal__outcome__in=ENDED)
    if segment_id is not None:
        rows = rows.filter(deal__segment_id=segment_id)
    seen = rows.order_by("deal_id", "occurred_at", "pk").values_list("deal_id", "deal__outcome", "activity__code_id")
    for _, group in groupby(seen.iterator(chunk_size=10_000), key=lambda row: row[0]):
        steps = list(group)
        yield ClosedPath(tuple(code for _, _, code in steps if code is not None), steps[0][1])
