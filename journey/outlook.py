"""How a purchase will end and how many moments are left, by absorption: of the path only its last place counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import N_OUTCOMES, Array
from journey.rows import products

_NEVER = 1e-12  # a chance of ending below this is rounding


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """How it will end.

    Attributes
    ----------
    outcomes : ndarray of float64, shape (3,) or (deals, 3)
        Probabilities of won, lost and no decision; they sum to 1.
    moments_left : float or ndarray of float64, shape (deals,)
        Expected number of moments until the end, the present one included. Times the median days between moments it is
        the number of days left.
    """

    outcomes: Array
    moments_left: float | Array


@dataclass(frozen=True, slots=True, eq=False)
class Absorption:
    """The same from each stage.

    Attributes
    ----------
    outcomes : ndarray of float64, shape (K, 3)
        Probabilities of won, lost and no decision from each stage; rows sum to 1.
    moments : ndarray of float64, shape (K,)
        Expected moments until the end from each stage, at least 1.
    """

    outcomes: Array
    moments: Array


def absorption(matrix: npt.ArrayLike) -> Absorption:
    """Say from each stage how a purchase ends and after how many moments.

    Parameters
    ----------
    matrix : array_like of float, shape (K, K + 3)
        Transitions; rows sum to 1.

    Returns
    -------
    Absorption

    Raises
    ------
    ValueError
        For another shape, NaN, rows that are not shares, or a stage from which no outcome is ever reached.

    Notes
    -----
    ``(I - P_open)^-1`` applied to the outcomes and to ones: O(K^3).

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, "Finite Markov Chains", 1960, chapter 3.

    Examples
    --------
    >>> ends = absorption([[0.5, 0.3, 0.1, 0.1]])
    >>> ends.outcomes.round(4).tolist(), ends.moments.tolist()
    ([[0.6, 0.2, 0.2]], [2.0])
    """
    array = checks.transition_matrix(matrix)
    k = array.shape[0]
    stages, ends = array[:, :k], array[:, k:]
    _check_ending(stages, ends)
    onward = stages.copy()
    np.fill_diagonal(onward, 0.0)
    system = np.diag(onward.sum(axis=1) + ends.sum(axis=1)) - onward
    solved: Array = np.linalg.solve(system, np.column_stack([ends, np.ones(k)])).astype(np.float64, copy=False)
    outcomes = solved[:, :N_OUTCOMES]
    return Absorption(outcomes / outcomes.sum(axis=1, keepdims=True), solved[:, N_OUTCOMES])


def outlook(position: npt.ArrayLike, matrix: npt.ArrayLike) -> Outlook:
    """Say how one purchase, or each of many, will end.

    Parameters
    ----------
    position : array_like of float, shape (K,) or (deals, K)
        Where the buyer is, as `journey.position` gives it; sums to 1.
    matrix : array_like of float, shape (K, K + 3)
        Transitions; rows sum to 1.

    Returns
    -------
    Outlook
        A row for each deal where there are many.

    Raises
    ------
    ValueError
        As `absorption` does, or for a position of another length, with NaN, negative, or not summing to 1.

    Notes
    -----
    O(K^3 + deals K).

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, "Finite Markov Chains", 1960, chapter 3.

    Examples
    --------
    >>> ahead = outlook([1.0], [[0.5, 0.3, 0.1, 0.1]])
    >>> ahead.outcomes.round(4).tolist(), ahead.moments_left
    ([0.6, 0.2, 0.2], 2.0)
    """
    ends = absorption(matrix)
    where = checks.probabilities(position, "position", ends.moments.size)
    found = products(np.atleast_2d(where), np.column_stack([ends.outcomes, ends.moments]))
    outcomes, left = found[:, :N_OUTCOMES], found[:, N_OUTCOMES]
    return Outlook(outcomes[0], float(left[0])) if where.ndim == 1 else Outlook(outcomes, left)


def _check_ending(stages: Array, ends: Array) -> None:
    linked = stages > _NEVER
    ending = ends.sum(axis=1) > _NEVER
    for _ in range(ending.size):
        ending = ending | linked[:, ending].any(axis=1)
    if not ending.all():
        raise ValueError(f"From stage {int(np.argmin(ending))} no outcome is ever reached.")
