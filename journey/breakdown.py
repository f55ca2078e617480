"""What each single thing adds to a deal's alignment, and what it leaves on the table."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey.alignment import COMPONENTS, DEFAULT_WEIGHTS, Components, align
from journey.checks import Array, square
from journey.components import effort_components
from journey.facts import Facts

_POINTS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Yields:
    """The things that one part of alignment is made of.

    Attributes
    ----------
    component : str
        One of `journey.alignment.COMPONENTS`.
    possible : ndarray of float64, shape (things,)
        Points that each could add: the stages for position, the items of `Facts` for evidence, people and information,
        our activities for effort. 0 where it does not count now. They sum to 100 times the part's weight.
    got : ndarray of float64, shape (things,)
        Points that each adds, at most those possible. They sum to the part's points.
    """

    component: str
    possible: Array
    got: Array


def breakdown(
    facts: Facts, credit: npt.ArrayLike, matrix: npt.ArrayLike, weights: Components = DEFAULT_WEIGHTS
) -> tuple[Yields, ...]:
    """Take a deal's alignment apart, down to the single stage, item and activity.

    Parameters
    ----------
    facts, credit, matrix, weights
        As for `journey.alignment.align`.

    Returns
    -------
    tuple of Yields
        Those of the parts that apply, in the order of `journey.alignment.COMPONENTS`; all that they got sums to the
        score.

    Raises
    ------
    ValueError
        As `journey.alignment.align` does.

    Notes
    -----
    O(K (K + items)).

    Examples
    --------
    >>> none, nothing = np.zeros(0, dtype=bool), np.zeros((0, 2), dtype=bool)
    >>> facts = Facts(np.array([0.8, 0.2]), 0, np.zeros(0, dtype=int), none, none,
    ...               np.array([[1, 0], [1, 1]], dtype=bool), np.array([False, True]), nothing, none, nothing)
    >>> for each in breakdown(facts, [[1.0, 0.5], [0.4, 1.0]], [[0.5, 0.5], [0.25, 0.75]]):
    ...     print(each.component, each.got.round(2).tolist(), "of", each.possible.round(2).tolist())
    position [58.18, 7.27] of [58.18, 14.55]
    people [0.0, 15.15] of [12.12, 15.15]
    """
    shares = align(facts, credit, matrix, weights).weights
    found = []
    for component, weight in zip(COMPONENTS, _numbers(shares), strict=True):
        if weight is not None:
            counts, worth = _things(component, facts, credit, matrix)
            possible = _POINTS * weight * counts / counts.sum()
            found.append(Yields(component, possible, possible * worth))
    return tuple(found)


def _things(component: str, facts: Facts, credit: npt.ArrayLike, matrix: npt.ArrayLike) -> tuple[Array, Array]:
    """Give how much each thing counts within its part, and the share of it that is there."""
    position = np.asarray(facts.position, dtype=np.float64)
    match component:
        case "position":
            return position, square(credit, "credit", low=0.0, high=1.0)[facts.stage or 0]
        case "evidence":
            due = np.where(facts.evidence_entry, facts.evidence_stage == facts.stage, _before(facts))
            return due.astype(np.float64), facts.evidence_settled.astype(np.float64)
        case "people":
            return facts.roles_needed @ position, facts.roles_engaged.astype(np.float64)
        case "information":
            return facts.needs @ position, facts.needs_met.astype(np.float64)
        case _:
            count = len(facts.efforts)
            everywhere = np.broadcast_to(position, (count, position.size))
            return np.ones(count), effort_components(facts.efforts, np.arange(count), everywhere, matrix)


def _before(facts: Facts) -> npt.NDArray[np.bool_]:
    return np.asarray(facts.evidence_stage < (facts.stage if facts.stage is not None else -1))


def _numbers(parts: Components) -> tuple[float | None, ...]:
    return tuple(getattr(parts, name) for name in COMPONENTS)
