"""How deals will end by what was learned from deals that ended, where enough have; else by absorption.

A learned outlook serves what is measured after it was learned, never what is measured of a time before.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from deals.models import OutlookFit
from journey.checks import Array, BoolArray, IntArray
from journey.learned import TERMS, Known, Learned
from journey.regression import Logistic

FITS_KEPT = 64
TERMS_SHOWN = 3
LEAST_TERM = 0.1  # of the log-odds; what weighs less is no reason


@dataclass(frozen=True, slots=True)
class Timeline:
    """A version's learned outlooks in the order of their learning."""

    moments: tuple[datetime, ...] = ()
    ids: tuple[int, ...] = ()

    def at(self, moment: datetime) -> int | None:
        """Give the one that was in force at a moment."""
        place = bisect_right(self.moments, moment)
        return self.ids[place - 1] if place else None


NEVER_LEARNED = Timeline()


@dataclass(frozen=True, slots=True, eq=False)
class LearnedOutlook:
    """A learned outlook with the deals behind it; `learned` is None where too few had ended by then."""

    fit_id: int
    learned: Learned | None
    won: int
    lost: int
    no_decision: int

    @property
    def deals(self) -> int:
        """How many deals it was learned from."""
        return self.won + self.lost + self.no_decision


@lru_cache(maxsize=FITS_KEPT)
def learned_outlook(pk: int) -> LearnedOutlook:
    """Give a learned outlook by its id. They never change, so each is read once."""
    row = OutlookFit.objects.get(pk=pk)
    learned = learned_from(row) if row.coefficients else None
    return LearnedOutlook(row.fit_id, learned, row.won, row.lost, row.no_decision)


def learned_from(row: OutlookFit) -> Learned:
    """Put the numbers of a row, which lie row-major, back into shape."""
    ratios, coefficients = np.array(row.ratios), np.array(row.coefficients)
    n = len(row.fit.activity_ids)
    model = Logistic(
        coefficients=coefficients.reshape(len(row.intercepts), -1),
        intercepts=np.array(row.intercepts),
        centre=np.array(row.centre),
        scale=np.array(row.scale),
    )
    return Learned(ratios.reshape(n + 1, n, -1), model)


def in_force(timeline: Timeline, moment: datetime, fit_id: int) -> LearnedOutlook | None:
    """Give the outlook that was learned by a moment, for the fit that positions come from; None where absorption is."""
    pk = timeline.at(moment)
    found = learned_outlook(pk) if pk is not None else None
    return found if found is not None and found.learned is not None and found.fit_id == fit_id else None


def outlooks(outlook_of: Sequence[LearnedOutlook | None], signals: IntArray, offsets: IntArray, known: Known) -> Array:
    """Give the chances of won, lost and no decision, (deals, 3): learned where a deal has signals, or absorption."""
    found = known.outcomes.copy()
    seen = np.diff(offsets) > 0
    for outlook in {id(each): each for each in outlook_of if each is not None}.values():
        if outlook.learned is not None:
            rows = seen & np.array([each is outlook for each in outlook_of], dtype=np.bool_)
            found[rows] = outlook.learned.outcomes(*_of(rows, signals, offsets), _chosen(known, rows))
    return found


def _of(rows: BoolArray, signals: IntArray, offsets: IntArray) -> tuple[IntArray, IntArray]:
    """Keep the signals of some deals."""
    lengths = np.diff(offsets)
    kept = np.concatenate([[0], np.cumsum(lengths[rows])]).astype(np.int64)
    return signals[np.repeat(rows, lengths)], kept


def _chosen(known: Known, rows: BoolArray) -> Known:
    return Known(
        outcomes=known.outcomes[rows],
        position=known.position[rows],
        age=known.age[rows],
        silence=known.silence[rows],
        returns=known.returns[rows],
        settled=known.settled[rows],
    )


def largest_terms(learned: Learned, signals: IntArray, known: Known) -> list[tuple[str, bool]]:
    """Name what weighs most for or against a win of one deal, most first, and whether it speaks for it."""
    each = learned.terms(signals, [0, signals.size], known)[0]
    order = np.argsort(-np.abs(each), kind="stable")[:TERMS_SHOWN]
    return [(TERMS[place], bool(each[place] > 0)) for place in order if abs(each[place]) >= LEAST_TERM]
