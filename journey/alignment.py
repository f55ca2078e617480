"""How well we fit the buyer: a score from 0 to 100, the weighted mean of those of its five parts that apply."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array
from journey.components import (
    coverage_components,
    effort_components,
    evidence_components,
    position_components,
)
from journey.facts import Facts, FactsOfMany, together
from journey.rows import sums

COMPONENTS = ("position", "evidence", "people", "information", "effort")
_POINTS = 100.0


@dataclass(frozen=True, slots=True)
class Components:
    """One number for each part of alignment: values in [0, 1], weights, or points.

    Attributes
    ----------
    position, evidence, people, information, effort : float or None
        None where there is nothing to measure.
    """

    position: float | None
    evidence: float | None
    people: float | None
    information: float | None
    effort: float | None


DEFAULT_WEIGHTS = Components(position=0.40, evidence=0.20, people=0.15, information=0.15, effort=0.10)


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentOfMany:
    """Scores and their parts.

    Attributes
    ----------
    scores : ndarray of float64, shape (deals,)
        In [0, 100]; NaN where nothing can be measured.
    components, weights : ndarray of float64, shape (deals, 5)
        Columns as in `COMPONENTS`; NaN where a part does not apply.
    """

    scores: Array
    components: Array
    weights: Array


@dataclass(frozen=True, slots=True)
class Alignment:
    """A score and its parts.

    Attributes
    ----------
    score : float or None
        In [0, 100]; None where nothing can be measured.
    components : Components
        The value of each part, in [0, 1].
    weights : Components
        The weight of each part that applies, brought to a sum of 1; None where it does not.
    """

    score: float | None
    components: Components
    weights: Components

    def lost(self) -> Components:
        """Give the points that each part leaves on the table; they sum to 100 minus the score.

        Examples
        --------
        >>> round(combine(Components(0.5, 1.0, None, None, None)).lost().position, 4)
        33.3333
        """
        return Components(
            *(
                None if value is None or weight is None else _POINTS * weight * (1.0 - value)
                for value, weight in zip(_numbers(self.components), _numbers(self.weights), strict=True)
            )
        )


def combine(components: Components, weights: Components = DEFAULT_WEIGHTS) -> Alignment:
    """Join the parts that apply into a score.

    Parameters
    ----------
    components : Components
        Values in [0, 1]; None where there is nothing to measure.
    weights : Components, optional
        At least 0 each; None counts as 0.

    Returns
    -------
    Alignment
        100 times the weighted mean of the parts that apply, None if none of them has a weight.

    Raises
    ------
    ValueError
        For NaN, a value out of range or a negative weight.

    Notes
    -----
    O(1).

    Examples
    --------
    >>> round(combine(Components(0.5, 1.0, None, None, None)).score, 4)
    66.6667
    """
    if any(value is not None and np.isnan(value) for value in _numbers(components)):
        raise ValueError("components must not hold NaN; None says that there is nothing to measure.")
    table = _table(components)[None, :]
    score = float(combine_many(table, weights)[0])
    return Alignment(None if np.isnan(score) else score, components, components_of(_shares(table, weights)[0]))


def combine_many(values: npt.ArrayLike, weights: Components = DEFAULT_WEIGHTS) -> Array:
    """Join the parts of many deals into scores.

    Parameters
    ----------
    values : array_like of float, shape (deals, 5)
        Columns as in `COMPONENTS`, in [0, 1]; NaN where there is nothing to measure.
    weights : Components, optional
        As for `combine`.

    Returns
    -------
    ndarray of float64, shape (deals,)
        In [0, 100]; NaN where nothing can be measured.

    Raises
    ------
    ValueError
        For another shape, a value out of range or a negative weight.

    Notes
    -----
    O(deals).

    Examples
    --------
    >>> import math
    >>> combine_many([[0.5, 1.0, math.nan, math.nan, math.nan], [1, 1, 1, 1, 1]]).round(2).tolist()
    [66.67, 100.0]
    """
    table = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(table)
    filled = checks.floats(np.where(known, table, 0.0), "values", (None, len(COMPONENTS)), low=0.0, high=1.0)
    weight = _weights(weights)
    total = sums(known * weight)
    points = np.full(filled.shape[0], np.nan)
    return np.asarray(
        np.minimum(np.divide(_POINTS * sums(filled * weight), total, out=points, where=total > 0.0), _POINTS)
    )


def align(
    facts: Facts, credit: npt.ArrayLike, matrix: npt.ArrayLike, weights: Components = DEFAULT_WEIGHTS
) -> Alignment:
    """Measure every part of a deal's alignment and join them.

    Parameters
    ----------
    facts : Facts
        What is known of the deal.
    credit : array_like of float, shape (K, K)
        As `journey.distance.credit` gives it for `matrix`.
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions.
    weights : Components, optional
        Of the process version.

    Returns
    -------
    Alignment

    Raises
    ------
    ValueError
        As the parts and `combine` do.

    Notes
    -----
    O(K (K + items)).

    Examples
    --------
    >>> none, nothing = np.zeros(0, dtype=bool), np.zeros((0, 2), dtype=bool)
    >>> facts = Facts(np.array([1.0, 0.0]), 0, np.zeros(0, dtype=int), none, none,
    ...               np.array([[1, 1]], dtype=bool), np.array([False]), nothing, none, nothing)
    >>> align(facts, [[1.0, 0.5], [0.4, 1.0]], [[0.5, 0.5], [0.25, 0.75]]).components
    Components(position=1.0, evidence=None, people=0.0, information=None, effort=None)
    """
    found = align_many(together([facts]), credit, matrix, weights)
    score = float(found.scores[0])
    return Alignment(
        None if np.isnan(score) else score, components_of(found.components[0]), components_of(found.weights[0])
    )


def align_many(
    facts: FactsOfMany, credit: npt.ArrayLike, matrix: npt.ArrayLike, weights: Components = DEFAULT_WEIGHTS
) -> AlignmentOfMany:
    """Measure the alignment of many deals of one process at once; bit for bit what `align` gives for each alone.

    Parameters
    ----------
    facts : FactsOfMany
        What is known of the deals.
    credit, matrix, weights
        As for `align`.

    Returns
    -------
    AlignmentOfMany

    Raises
    ------
    ValueError
        As `align` does.

    Notes
    -----
    O(deals K (K + items)).

    Examples
    --------
    >>> nothing, none = np.zeros((0, 2), dtype=bool), np.zeros(0, dtype=bool)
    >>> facts = FactsOfMany(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, -1]), np.zeros(0, dtype=int), none,
    ...                     np.zeros((2, 0), dtype=bool), np.array([[1, 1]], dtype=bool), np.array([[False], [True]]),
    ...                     nothing, np.zeros((2, 0), dtype=bool), nothing, np.zeros(0, dtype=int))
    >>> found = align_many(facts, [[1.0, 0.5], [0.4, 1.0]], [[0.5, 0.5], [0.25, 0.75]])
    >>> found.scores.round(2).tolist()
    [72.73, 100.0]
    """
    table = np.column_stack(
        [
            position_components(facts.positions, credit, facts.stages),
            evidence_components(facts.evidence_stage, facts.evidence_entry, facts.evidence_settled, facts.stages),
            coverage_components(facts.roles_needed, facts.roles_engaged, facts.positions),
            coverage_components(facts.needs, facts.needs_met, facts.positions),
            effort_components(facts.efforts, facts.effort_deals, facts.positions, matrix),
        ]
    )
    return AlignmentOfMany(combine_many(table, weights), table, _shares(table, weights))


def components_of(row: Array) -> Components:
    """Give a row of five numbers as components; NaN as None.

    Examples
    --------
    >>> components_of(np.array([0.5, np.nan, np.nan, np.nan, 1.0]))
    Components(position=0.5, evidence=None, people=None, information=None, effort=1.0)
    """
    return Components(*(None if np.isnan(value) else float(value) for value in row))


def _shares(table: Array, weights: Components) -> Array:
    """Give the weight of each part that applies, brought to a sum of 1 in each row; NaN elsewhere."""
    known = ~np.isnan(table)
    applies = known * _weights(weights)
    total = sums(applies)[:, None]
    return np.asarray(np.divide(applies, total, out=np.full(table.shape, np.nan), where=known & (total > 0.0)))


def _numbers(parts: Components) -> tuple[float | None, ...]:
    return parts.position, parts.evidence, parts.people, parts.information, parts.effort


def _table(parts: Components) -> Array:
    return np.array([np.nan if value is None else value for value in _numbers(parts)], dtype=np.float64)


def _weights(weights: Components) -> Array:
    given = [0.0 if value is None else value for value in _numbers(weights)]
    return checks.floats(given, "weights", (len(COMPONENTS),), low=0.0)
