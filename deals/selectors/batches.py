"""Deals of one process version as columns, and what is measured of all of them at once.

Every score comes from here, whether one deal was edited or a million are recomputed; bit for bit, a deal measured alone
gives what it gives in any batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deals.choices import Reason
from deals.selectors.outlooks import LearnedOutlook, outlooks
from deals.selectors.sheets import Numbers, Sheet
from journey.alignment import align_many
from journey.chaos import ChaosOfMany, returns_many
from journey.checks import Array, BoolArray, IntArray
from journey.facts import FactsOfMany
from journey.learned import Known
from journey.looks import longest_silence
from journey.outlook import outlook
from journey.position import locate_many
from journey.rows import products, sums

REASONS = ("", Reason.NO_EVIDENCE, Reason.NOTHING_TO_MEASURE)
NO_REASON, NO_EVIDENCE, NOTHING_TO_MEASURE = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What the scores of some deals depend on. n deals, m signals, e efforts; columns of sheet items in their order.

    `stage` is -1 where none is logged; deal i has the signals ``offsets[i]:offsets[i + 1]``. In days: `moments` of the
    signals since the deal was opened, `silence` since the last, `age` of the deal. `learned` is the outlook in force.
    """

    sheet: Sheet
    numbers: Numbers
    stage: IntArray
    columns: IntArray
    words: Array
    offsets: IntArray
    moments: Array
    silence: Array
    age: Array
    learned: Sequence[LearnedOutlook | None]
    settled: BoolArray
    engaged: BoolArray
    met: BoolArray
    efforts: BoolArray
    effort_deals: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What is measured of them, a row a deal; NaN where there is nothing to measure.

    `scores` are 0 to 100, `components` and `weights` have the columns of `journey.alignment.COMPONENTS`, `likely` is
    the position of the likely stage, `reason` is a place in `REASONS`.
    """

    scores: Array
    reason: IntArray
    components: Array
    weights: Array
    positions: Array
    tomorrow: Array
    likely: IntArray
    gap: Array
    outlook: Array
    moments_left: Array
    days_left: Array
    returns_seen: IntArray
    returns_expected: Array
    entropy: Array


def measure_batch(batch: Batch) -> Found:
    """Measure deals of one version. O(signals K^2 + deals K (K + items))."""
    sheet, numbers = batch.sheet, batch.numbers
    positions = locate_many(
        batch.columns,
        batch.words,
        batch.offsets,
        numbers.matrix,
        numbers.emissions,
        numbers.start,
        silence_days=batch.silence,
        half_life_days=sheet.half_life_days,
    )
    aligned = align_many(_facts(batch, positions), numbers.credit, numbers.matrix, sheet.weights)
    # a guess from how customers start is no alignment with this one
    silent = np.diff(batch.offsets) == 0
    scores = np.where(silent, np.nan, aligned.scores)
    without = np.isnan(scores)
    ahead = outlook(positions, numbers.matrix)
    moments = np.asarray(ahead.moments_left)
    chaos = returns_many(numbers.home[batch.columns], batch.offsets, numbers.matrix, positions)
    return Found(
        scores=scores,
        reason=np.where(silent, NO_EVIDENCE, np.where(without, NOTHING_TO_MEASURE, NO_REASON)),
        components=np.where(without[:, None], np.nan, aligned.components),
        weights=np.where(without[:, None], np.nan, aligned.weights),
        positions=positions,
        tomorrow=products(positions, numbers.flow),
        likely=positions.argmax(axis=1),
        gap=np.where(without, np.nan, _gaps(batch.stage, positions)),
        outlook=outlooks(batch.learned, batch.columns, batch.offsets, _known(batch, ahead.outcomes, positions, chaos)),
        moments_left=moments,
        days_left=moments * sheet.days_between_moments,
        returns_seen=chaos.observed,
        returns_expected=chaos.expected,
        entropy=chaos.entropy,
    )


def _known(batch: Batch, outcomes: Array, positions: Array, chaos: ChaosOfMany) -> Known:
    """Gather what a learned outlook looks at."""
    return Known(
        outcomes=outcomes,
        position=positions,
        age=batch.age,
        silence=longest_silence(batch.moments, batch.offsets, batch.age),
        returns=chaos.observed,
        settled=batch.settled.sum(axis=1) / max(batch.settled.shape[1], 1),
    )


def _gaps(stages: IntArray, positions: Array) -> Array:
    """Say how many stages ours is ahead (+) of the customer's expected one, or behind it (-); NaN without a stage."""
    expected = sums(positions * np.arange(positions.shape[1]))
    return np.where(stages < 0, np.nan, stages - expected)


def _facts(batch: Batch, positions: Array) -> FactsOfMany:
    """Lay out the facts; efforts in an order of their own, for the last bit of a mean hangs on it."""
    sheet = batch.sheet
    order = np.lexsort((*batch.efforts.T, batch.effort_deals))
    return FactsOfMany(
        positions=positions,
        stages=batch.stage,
        evidence_stage=sheet.evidence_stage,
        evidence_entry=np.zeros(len(sheet.evidence), dtype=np.bool_),
        evidence_settled=batch.settled,
        roles_needed=sheet.roles_needed,
        roles_engaged=batch.engaged,
        needs=sheet.information_needed,
        needs_met=batch.met,
        efforts=batch.efforts[order],
        effort_deals=batch.effort_deals[order],
    )
