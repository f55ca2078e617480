"""The oracle: stored scores against scores measured now for the same moment, bit for bit, and beside them the deals."""

from collections.abc import Iterator

from django.db.models import F

from deals.choices import Outcome
from deals.models import Alignment
from deals.selectors.inputs import inputs_of
from deals.selectors.measures import Measured, measure_inputs

CHECKED_AT_ONCE = 500


def differing_scores() -> Iterator[list[int]]:
    """Measure every deal that is not stale as it stood when it was scored; give the ids whose figures differ.

    Of facts that have lapsed since (our activities of a month ago) the present count stands: check soon after scoring.
    """
    fresh = Alignment.objects.filter(scored_version=F("inputs_version")).select_related("deal").order_by("deal_id")
    after = 0
    while rows := list(fresh.filter(deal_id__gt=after)[:CHECKED_AT_ONCE]):
        inputs = inputs_of([row.deal_id for row in rows])
        for row in rows:
            if row.as_of is not None:
                inputs[row.deal_id].as_of = row.as_of
        found = measure_inputs(inputs.values())
        yield [row.deal_id for row in rows if not _same(row, found[row.deal_id])]
        after = rows[-1].deal_id


def _same(row: Alignment, found: Measured) -> bool:
    parts, deal = found.components, row.deal
    stored = (
        (row.owner_id, row.version_id, row.stage_id, row.is_open),
        (row.fit_id, row.score, row.reason, row.likely_stage_id, row.gap, row.entropy),
        (row.moments_left, row.days_left, row.returns_seen, row.returns_expected),
        (row.component_position, row.component_evidence, row.component_people),
        (row.component_information, row.component_effort),
        (tuple(row.position), tuple(row.tomorrow), tuple(row.outlook)),
    )
    return stored == (
        (deal.owner_id, deal.version_id, deal.stage_id, deal.outcome == Outcome.OPEN),
        (found.fit_id, found.score, found.reason, found.likely_stage_id, found.gap, found.entropy),
        (found.moments_left, found.days_left, found.returns_seen, found.returns_expected),
        (parts.position, parts.evidence, parts.people),
        (parts.information, parts.effort),
        (found.position, found.tomorrow, found.outlook),
    )
