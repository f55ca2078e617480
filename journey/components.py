"""The five parts of alignment, each a share in [0, 1], or None (NaN among many) where there is nothing to measure.

Each part of one deal is measured by the function for many: there is one formula, and bit for bit one result.
"""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, BoolArray
from journey.rows import products, sums
from journey.transitions import open_matrix

_NOTHING = 1e-12  # a weight below this is rounding


def position_component(position: npt.ArrayLike, credit: npt.ArrayLike, stage: int | None) -> float | None:
    """Say how well the logged stage fits where one buyer probably is.

    Parameters
    ----------
    position : array_like of float, shape (K,)
        Where the buyer is; sums to 1.
    credit : array_like of float, shape (K, K)
        As `journey.distance.credit` gives it.
    stage : int or None
        The stage q that the seller logged.

    Returns
    -------
    float or None
        ``position @ credit[stage]``, in [0, 1]; None where no stage is logged.

    Raises
    ------
    ValueError
        For NaN, a stage or credit out of range, or shapes that do not fit each other.

    Notes
    -----
    O(K).

    Examples
    --------
    >>> position_component([0.25, 0.75], [[1.0, 0.5], [0.4, 1.0]], 1)
    0.85
    """
    if stage is None:
        return None
    return _one(position_components(np.asarray(position)[None, :], credit, [stage]))


def position_components(positions: npt.ArrayLike, credit: npt.ArrayLike, stages: npt.ArrayLike) -> Array:
    """Say the same for many deals.

    Parameters
    ----------
    positions : array_like of float, shape (deals, K)
        Rows sum to 1.
    credit : array_like of float, shape (K, K)
    stages : array_like of int, shape (deals,)
        The stage logged on each deal; -1 where none is.

    Returns
    -------
    ndarray of float64, shape (deals,)
        In [0, 1]; NaN where no stage is logged.

    Raises
    ------
    ValueError
        As `position_component` does.

    Notes
    -----
    O(deals K).

    Examples
    --------
    >>> position_components([[0.25, 0.75], [1, 0]], [[1.0, 0.5], [0.4, 1.0]], [1, -1]).tolist()
    [0.85, nan]
    """
    table = checks.square(credit, "credit", low=0.0, high=1.0)
    where = checks.probabilities(positions, "positions", table.shape[0])
    logged = checks.integers(stages, "stages", size=where.shape[0], low=-1, stop=table.shape[0])
    fit = sums(where * table[logged])
    return np.where(logged >= 0, np.minimum(fit, 1.0), np.nan)


def evidence_component(
    stages: npt.ArrayLike, entry: npt.ArrayLike, settled: npt.ArrayLike, stage: int | None
) -> float | None:
    """Say how much of the evidence that the logged stage presupposes is settled on the customer's side.

    Parameters
    ----------
    stages, entry, settled : array_like, shape (items,)
        The stage of each piece of evidence, whether it is of that stage's entry, and whether it is settled.
    stage : int or None
        The stage q that the seller logged.

    Returns
    -------
    float or None
        Settled over all, of the exit evidence of the stages before q and the entry evidence of q; None where there is
        none of it.

    Raises
    ------
    ValueError
        For a stage below 0 or lists of different lengths.

    Notes
    -----
    O(items).

    Examples
    --------
    >>> evidence_component([0, 0, 1, 1], [False, False, True, False], [True, False, True, False], 1)
    0.6666666666666666
    """
    done = checks.booleans(settled, "evidence_settled", (None,))
    logged = -1 if stage is None else stage
    return _one(evidence_components(stages, entry, done[None, :], [logged]))


def evidence_components(
    stages: npt.ArrayLike, entry: npt.ArrayLike, settled: npt.ArrayLike, logged: npt.ArrayLike
) -> Array:
    """Say the same for many deals.

    Parameters
    ----------
    stages, entry : array_like, shape (items,)
    settled : array_like of bool, shape (deals, items)
        Whether each deal has it settled.
    logged : array_like of int, shape (deals,)
        The stage logged on each deal; -1 where none is.

    Returns
    -------
    ndarray of float64, shape (deals,)
        In [0, 1]; NaN where no stage is logged or nothing is due.

    Raises
    ------
    ValueError
        As `evidence_component` does.

    Notes
    -----
    O(deals items).

    Examples
    --------
    >>> evidence_components([0, 1], [False, False], [[True, False], [True, False]], [1, 2]).tolist()
    [1.0, 0.5]
    """
    of = checks.integers(stages, "evidence_stage", stop=2**62)
    at_entry = checks.booleans(entry, "evidence_entry", (of.size,))
    stage = checks.integers(logged, "stages", low=-1, stop=2**62)[:, None]
    done = checks.booleans(settled, "evidence_settled", (stage.shape[0], of.size))
    due = np.where(at_entry, of == stage, of < stage) & (stage >= 0)
    return _shares(due.astype(np.float64), done)


def coverage_component(needed: npt.ArrayLike, met: npt.ArrayLike, position: npt.ArrayLike) -> float | None:
    """Say how much of what the buyer's likely stages need is there: roles with a contact, or information needs met.

    Parameters
    ----------
    needed : array_like of bool, shape (items, K)
        In which stages each item is needed.
    met : array_like of bool, shape (items,)
        Whether it is there.
    position : array_like of float, shape (K,)
        Where the buyer is; sums to 1.

    Returns
    -------
    float or None
        In [0, 1]: each item weighs the probability of the stages that need it. None where nothing is needed.

    Raises
    ------
    ValueError
        For NaN, entries that are not true or false, or shapes that do not fit each other.

    Notes
    -----
    O(items K).

    Examples
    --------
    >>> coverage_component([[1, 0], [0, 1]], [1, 0], [0.75, 0.25])
    0.75
    """
    where = np.asarray(position, dtype=np.float64)
    return _one(coverage_components(needed, checks.booleans(met, "met", (None,))[None, :], where[None, :]))


def coverage_components(needed: npt.ArrayLike, met: npt.ArrayLike, positions: npt.ArrayLike) -> Array:
    """Say the same for many deals.

    Parameters
    ----------
    needed : array_like of bool, shape (items, K)
    met : array_like of bool, shape (deals, items)
    positions : array_like of float, shape (deals, K)
        Rows sum to 1.

    Returns
    -------
    ndarray of float64, shape (deals,)
        In [0, 1]; NaN where nothing is needed.

    Raises
    ------
    ValueError
        As `coverage_component` does.

    Notes
    -----
    O(deals items K).

    Examples
    --------
    >>> coverage_components([[1, 0], [0, 1]], [[1, 0], [0, 0]], [[0.75, 0.25], [1, 0]]).tolist()
    [0.75, 0.0]
    """
    where = _positions(positions)
    table = checks.booleans(needed, "needed", (None, where.shape[1]))
    there = checks.booleans(met, "met", (where.shape[0], table.shape[0]))
    return _shares(products(where, table.T), there)


def effort_component(efforts: npt.ArrayLike, position: npt.ArrayLike, matrix: npt.ArrayLike) -> float | None:
    """Say how much of what we did lately serves the stage where the buyer is or will be next.

    Parameters
    ----------
    efforts : array_like of bool, shape (efforts, K)
        Which stages each of our activities serves; none for one that serves no stage.
    position : array_like of float, shape (K,)
        Where the buyer is, p; sums to 1.
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions; Q is their stage part.

    Returns
    -------
    float or None
        In [0, 1]: the mean over our activities of ``max(p, pQ)``, taken over the stages that each serves together. None
        where we did nothing.

    Raises
    ------
    ValueError
        For NaN, entries that are not true or false, or shapes that do not fit each other.

    Notes
    -----
    O(efforts K + K^2).

    Examples
    --------
    >>> effort_component([[1, 0], [0, 1]], [1.0, 0.0], [[0.5, 0.5], [0.25, 0.75]])
    0.75
    """
    where = np.asarray(position, dtype=np.float64)
    served = checks.booleans(efforts, "efforts", (None, where.size))
    return _one(effort_components(served, np.zeros(served.shape[0], dtype=np.int64), where[None, :], matrix))


def effort_components(
    efforts: npt.ArrayLike, deals: npt.ArrayLike, positions: npt.ArrayLike, matrix: npt.ArrayLike
) -> Array:
    """Say the same for many deals.

    Parameters
    ----------
    efforts : array_like of bool, shape (efforts, K)
        The activities of all deals.
    deals : array_like of int, shape (efforts,)
        The row of `positions` that each belongs to.
    positions : array_like of float, shape (deals, K)
        Rows sum to 1.
    matrix : array_like of float, shape (K, K + 3) or (K, K)

    Returns
    -------
    ndarray of float64, shape (deals,)
        In [0, 1]; NaN where we did nothing.

    Raises
    ------
    ValueError
        As `effort_component` does, or for a deal out of range.

    Notes
    -----
    O(efforts K + deals K^2).

    Examples
    --------
    >>> effort_components([[1, 0], [0, 1]], [0, 0], [[1, 0], [0, 1]], [[0.5, 0.5], [0.25, 0.75]]).tolist()
    [0.75, nan]
    """
    where = _positions(positions)
    served = checks.booleans(efforts, "efforts", (None, where.shape[1]))
    owner = checks.integers(deals, "deals", size=served.shape[0], stop=where.shape[0])
    flow = open_matrix(matrix)
    if flow.shape[0] != where.shape[1]:
        raise ValueError("position and matrix must have the same number of stages.")
    found = np.full(where.shape[0], np.nan)
    if owner.size:
        worth = np.maximum(sums(served * where[owner]), sums(served * products(where, flow)[owner]))
        total = np.bincount(owner, weights=worth, minlength=where.shape[0])
        count = np.bincount(owner, minlength=where.shape[0])
        np.divide(total, count, out=found, where=count > 0)
    return np.asarray(np.minimum(found, 1.0))


def _positions(positions: npt.ArrayLike) -> Array:
    array = checks.floats(positions, "position", (None, None))
    return checks.probabilities(array, "position", array.shape[1])


def _shares(weights: Array, met: BoolArray) -> Array:
    """Give the weighted share of each row that is met; NaN where there is no weight."""
    total = sums(weights)
    share = np.full(total.size, np.nan)
    np.divide(sums(weights * met), total, out=share, where=total > _NOTHING)
    return np.asarray(np.minimum(share, 1.0))


def _one(found: Array) -> float | None:
    return None if np.isnan(found[0]) else float(found[0])
