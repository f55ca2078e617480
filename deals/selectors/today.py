"""Deals that need somebody now, each with the one thing that would help most."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.choices import Role
from accounts.models import Membership
from core import scope
from deals.choices import MAX_ATTEMPTS, Reason
from deals.models import Deal
from deals.selectors.deals import LEAST_ALIGNED, visible_deals
from deals.selectors.explanation import Explanation, Help, explain
from deals.selectors.inputs import inputs_of
from deals.selectors.listing import GIVEN_UP
from deals.selectors.spoilt import SPOILT, unless_spoilt

SHOWN = 5
FOUND = 8
LOW = 50.0
SILENT = timedelta(days=14)
DELAY_SECONDS = 60


@dataclass(frozen=True)
class Waiting:
    """A deal, why it is here, and the next best help."""

    deal: Deal
    why: str
    help: Help | None
    explanation: Explanation


def deals_that_wait(membership: Membership) -> list[Waiting]:
    """Give the open deals that need something: out of line, silent for two weeks, or without any evidence."""
    mine = visible_deals(membership).open().beside_alignment().filter(alignment__error="")  # a score that can be told
    apart = Q(alignment__gap__gte=1) | Q(alignment__gap__lte=-1)
    out_of_line = Q(alignment__score__lt=LOW) | apart
    unseen = Q(alignment__reason=Reason.NO_EVIDENCE)
    if membership.role == Role.REP:
        out_of_line |= Q(last_signal_at__lt=Now() - SILENT) | unseen
    # Those with a score first, the lowest at the top: there the next best help is known. The list's order by alignment.
    first = mine.filter(out_of_line).order_by(*LEAST_ALIGNED).values("pk")[:SHOWN]
    shown = Deal.objects.filter(pk__in=first).select_related("alignment__likely_stage", "owner__user", "stage")
    rows = list(shown.order_by(*LEAST_ALIGNED))
    try:
        return _explained(rows)
    except SPOILT:  # of one of them: the others are told all the same
        alone = [unless_spoilt(deal, partial(_explained, [deal])) for deal in rows]
        return [waiting for found in alone for waiting in found or []]


def _explained(rows: list[Deal]) -> list[Waiting]:
    inputs = inputs_of([deal.pk for deal in rows])
    return [_waiting(deal, explain(inputs[deal.pk], deal.alignment)) for deal in rows if deal.pk in inputs]


def count_given_up(membership: Membership) -> int:
    """Count the open deals whose score could not be computed, for somebody to try again. One query."""
    return visible_deals(membership).open().order_by().beside_alignment().filter(GIVEN_UP).count()


def has_open_deals(membership: Membership) -> bool:
    """Tell whether there is any open deal to see. One query."""
    return visible_deals(membership).open().order_by().exists()


def _waiting(deal: Deal, explanation: Explanation) -> Waiting:
    if explanation.reason == Reason.NO_EVIDENCE:
        why = "Nothing was seen from them yet: log what you know."
    elif explanation.circles:
        why = explanation.chaos
    else:
        why = explanation.place
    return Waiting(deal, why, next(iter(explanation.helps), None), explanation)


def deals_found(membership: Membership, text: str) -> list[Deal]:
    """Find visible deals by name, account or external id; open ones first."""
    order = F("closed_at").desc(nulls_first=True), "name", "pk"
    named = visible_deals(membership).named(text, alone=membership.role == Role.DESIGNER)
    first = named.order_by(*order).values("pk")[:FOUND]
    return list(Deal.objects.filter(pk__in=first).select_related("stage", "alignment").order_by(*order))


def seconds_behind() -> float:
    """Give the age of the oldest score of this workspace that waits to be computed and was not given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM now() - min(stale_since)) FROM deals_alignment "
            "WHERE workspace_id = %s AND scored_version < inputs_version AND attempts < %s",
            [scope.workspace_id(), MAX_ATTEMPTS],
        )
        return float(cursor.fetchone()[0] or 0.0)
