"""Whether a deal goes back more often than deals do, and how unsure its place is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, IntArray
from journey.rows import sums
from journey.transitions import open_matrix


@dataclass(frozen=True, slots=True)
class Chaos:
    """How chaotic one deal is.

    Attributes
    ----------
    moves : int
        Steps from one signal to the next.
    observed : int
        Those that led to an earlier stage.
    expected : float
        How many would have, had this deal moved as customers do from the stages that it visited.
    ratio : float or None
        Observed over expected: 1 is usual, well above 1 wants clarity. None where none was expected.
    entropy : float
        In [0, 1]: 0 if the buyer's stage is certain, 1 if every stage is as likely as any other.
    """

    moves: int
    observed: int
    expected: float
    ratio: float | None
    entropy: float


@dataclass(frozen=True, slots=True, eq=False)
class ChaosOfMany:
    """The same for many deals; `ratio` is NaN where none was expected.

    Attributes
    ----------
    moves, observed : ndarray of int64, shape (deals,)
    expected, ratio, entropy : ndarray of float64, shape (deals,)
    """

    moves: IntArray
    observed: IntArray
    expected: Array
    ratio: Array
    entropy: Array


def returns(stages: npt.ArrayLike, matrix: npt.ArrayLike, position: npt.ArrayLike) -> Chaos:
    """Count the returns of one deal, and those to expect.

    Parameters
    ----------
    stages : array_like of int, shape (m,)
        The home stages 0..K-1 of the deal's signals, in order of time. May be empty.
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions; outcomes are left aside, for the deal is open.
    position : array_like of float, shape (K,)
        Where the buyer is; sums to 1.

    Returns
    -------
    Chaos

    Raises
    ------
    ValueError
        For NaN, a stage out of range, or shapes that do not fit each other.

    Notes
    -----
    O(m + K^2). The expectation sums, over the stages left, the share of customers that leave it for an earlier one.

    References
    ----------
    .. [1] C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948).

    Examples
    --------
    >>> deal = returns([0, 1, 0, 1], [[0.5, 0.5], [0.25, 0.75]], [0.5, 0.5])
    >>> deal.observed, deal.expected, deal.ratio, deal.moves, deal.entropy
    (1, 0.25, 4.0, 3, 1.0)
    """
    where = checks.floats(position, "position", (None,))
    size = np.asarray(stages).size
    many = returns_many(stages, [0, size], matrix, where[None, :])
    expected = float(many.expected[0])
    ratio = float(many.ratio[0]) if expected > 0.0 else None
    return Chaos(int(many.moves[0]), int(many.observed[0]), expected, ratio, float(many.entropy[0]))


def returns_many(
    stages: npt.ArrayLike, offsets: npt.ArrayLike, matrix: npt.ArrayLike, positions: npt.ArrayLike
) -> ChaosOfMany:
    """Count the returns of many deals at once.

    Parameters
    ----------
    stages : array_like of int, shape (m,)
        The home stages of all deals' signals end to end, each deal's in order of time.
    offsets : array_like of int, shape (deals + 1,)
        Deal i has ``stages[offsets[i]:offsets[i + 1]]``.
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions.
    positions : array_like of float, shape (deals, K)
        Where each buyer is; rows sum to 1.

    Returns
    -------
    ChaosOfMany

    Raises
    ------
    ValueError
        As `returns` does, or for offsets that do not fit.

    Notes
    -----
    O(m + deals K).

    Examples
    --------
    >>> returns_many([0, 1, 0], [0, 3, 3], [[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]]).observed.tolist()
    [1, 0]
    """
    flow = open_matrix(matrix)
    stage = checks.integers(stages, "stages", stop=flow.shape[0])
    edge = checks.bounds(offsets, stage.size)
    deals = edge.size - 1
    where = checks.floats(positions, "positions", (deals, flow.shape[0]))
    owner = np.repeat(np.arange(deals), np.diff(edge))
    step = np.flatnonzero(owner[1:] == owner[:-1])
    back = np.tril(flow, -1).sum(axis=1)
    went_back = stage[step + 1] < stage[step]
    moves = np.bincount(owner[step], minlength=deals).astype(np.int64)
    observed = np.bincount(owner[step[went_back]], minlength=deals).astype(np.int64)
    expected: Array = np.bincount(owner[step], weights=back[stage[step]], minlength=deals).astype(np.float64)
    ratio = np.divide(observed, expected, out=np.full(deals, np.nan), where=expected > 0.0)
    return ChaosOfMany(moves, observed, expected, ratio, entropy(where))


def entropy(position: npt.ArrayLike) -> Array:
    """Say how unsure a place is: the entropy over its logarithm's most.

    Parameters
    ----------
    position : array_like of float, shape (K,) or (deals, K)
        Probabilities that sum to 1.

    Returns
    -------
    ndarray of float64, shape () or (deals,)
        In [0, 1]; 0 where there is one stage.

    Raises
    ------
    ValueError
        For NaN, a negative probability, or a sum that is not 1.

    Notes
    -----
    O(deals K).

    References
    ----------
    .. [1] C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948).

    Examples
    --------
    >>> entropy([[1, 0], [0.5, 0.5]]).tolist()
    [0.0, 1.0]
    """
    array = np.asarray(position, dtype=np.float64)
    if array.ndim == 0:
        raise ValueError("position must be a row of probabilities.")
    k = array.shape[-1]
    array = checks.probabilities(array, "position", k)
    if k == 1:
        return np.zeros(array.shape[:-1])
    terms = array * np.log(np.where(array > 0.0, array, 1.0))
    nats = -sums(terms.reshape(-1, k)).reshape(array.shape[:-1])
    return np.asarray(np.minimum(np.abs(nats) / np.log(k), 1.0))
