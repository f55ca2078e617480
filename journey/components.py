"""The five parts of alignment, each a share in [0, 1], or None where there is nothing to measure."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, BoolArray
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
    return float(position_components(np.asarray(position)[None, :], credit, [stage])[0])


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
    fit = np.einsum("dk,dk->d", where, table[logged])
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
    of = checks.integers(stages, "evidence_stage", stop=2**62)
    at_entry = checks.booleans(entry, "evidence_entry", (of.size,))
    done = checks.booleans(settled, "evidence_settled", (of.size,))
    if stage is None:
        return None
    due = np.where(at_entry, of == stage, of < stage)
    return _share(due.astype(np.float64), done)


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
    where = _position(position)
    table = checks.booleans(needed, "needed", (None, where.size))
    return _share(table @ where, checks.booleans(met, "met", (table.shape[0],)))


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
    where = _position(position)
    served = checks.booleans(efforts, "efforts", (None, where.size))
    if served.shape[0] == 0:
        return None
    flow = open_matrix(matrix)
    if flow.shape[0] != where.size:
        raise ValueError("position and matrix must have the same number of stages.")
    return min(1.0, float(np.maximum(served @ where, served @ (where @ flow)).mean()))


def _position(position: npt.ArrayLike) -> Array:
    array = checks.floats(position, "position", (None,))
    return checks.probabilities(array, "position", array.size)


def _share(weight: Array, met: BoolArray) -> float | None:
    """Give the weighted share that is met; None where there is no weight."""
    total = float(weight.sum())
    return None if total <= _NOTHING else min(1.0, float(weight[met].sum()) / total)
