"""How far the stage that the seller logged is from the stage that the buyer is in, counted in the buyer's own steps."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, BoolArray
from journey.transitions import open_matrix

_IMPOSSIBLE = 1e-12  # a share below this is rounding, not a way that customers take
_BEHIND = 1.0  # halvings of credit for each unit that the seller lags


def first_passage(matrix: npt.ArrayLike) -> Array:
    """Count the steps that customers take on average from one stage until they first reach another.

    Parameters
    ----------
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions; outcomes are left aside and rows renormalised (see `journey.transitions.open_matrix`).

    Returns
    -------
    ndarray of float64, shape (K, K)
        ``m[s, t]`` in moments, 0 on the diagonal, at least 1 elsewhere; infinite where a customer in s may never
        reach t.

    Raises
    ------
    ValueError
        For another shape, NaN, or rows that are not shares.

    Notes
    -----
    For each target one linear system over the stages that reach it for certain: O(K^4). Shares below 1e-12 count as
    impossible; rows of the system take their diagonal as the sum of the ways out, which keeps rare moves exact.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, "Finite Markov Chains", 1960, section 4.4.

    Examples
    --------
    >>> first_passage([[0.5, 0.5], [0.25, 0.75]]).tolist()
    [[0.0, 2.0], [4.0, 0.0]]
    >>> first_passage([[0.5, 0.5], [0, 1]]).tolist()
    [[0.0, 2.0], [inf, 0.0]]
    """
    flow = open_matrix(matrix)
    flow = np.where(flow > _IMPOSSIBLE, flow, 0.0)
    np.fill_diagonal(flow, 0.0)  # staying is one step more, which the ways out already say
    out = flow.sum(axis=1)
    steps = np.full(flow.shape, np.inf)
    for target in range(flow.shape[0]):
        steps[target, target] = 0.0
        certain = np.flatnonzero(_certain(flow > 0.0, target))
        if certain.size:
            system = np.diag(out[certain]) - flow[np.ix_(certain, certain)]
            steps[certain, target] = np.linalg.solve(system, np.ones(certain.size))
    return steps


def credit(matrix: npt.ArrayLike, *, ahead: float = 1.5) -> Array:
    """Say how well a seller in one stage fits a buyer in another.

    Parameters
    ----------
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions.
    ahead : float, optional
        Above 0: halvings of credit for each unit that the seller runs ahead; lagging costs 1. A unit is the mean of the
        first-passage steps from a stage to the next.

    Returns
    -------
    ndarray of float64, shape (K, K)
        ``credit[q, s]`` in [0, 1] for seller stage q and buyer stage s: 1 on the diagonal, for q after s
        ``2^(-ahead m[s, q] / unit)``, for q before s ``2^(-m[q, s] / unit)``; 0 where the way may never be gone.

    Raises
    ------
    ValueError
        As `first_passage` does, or if `ahead` is not above 0.

    Notes
    -----
    O(K^4). Infinite steps are left out of the unit; if none is left, the unit is the mean of all finite steps.

    Examples
    --------
    >>> credit([[0.5, 0.5], [0.25, 0.75]]).round(4).tolist()
    [[1.0, 0.5], [0.3536, 1.0]]
    """
    cost = checks.number(ahead, "ahead")
    steps = first_passage(matrix)
    k = steps.shape[0]
    unit = _unit(steps)
    seller, buyer = np.indices((k, k))
    halvings = np.where(seller > buyer, cost * steps.T, _BEHIND * steps) / unit
    return np.asarray(2.0**-halvings)


def _unit(steps: Array) -> float:
    forward = np.diagonal(steps, offset=1)
    anywhere = steps[~np.eye(steps.shape[0], dtype=np.bool_)]
    for known in (forward[np.isfinite(forward)], anywhere[np.isfinite(anywhere)]):
        if known.size:
            return float(known.mean())
    return 1.0


def _certain(linked: BoolArray, target: int) -> BoolArray:
    """Mark the stages, without the target, from which every way leads to the target in the end."""
    reaches = _reaching(linked, np.arange(linked.shape[0]) == target)
    onward = linked.copy()
    onward[:, target] = False  # what lies behind the target does not matter
    certain = ~_reaching(onward, ~reaches)
    certain[target] = False
    return certain


def _reaching(linked: BoolArray, goal: BoolArray) -> BoolArray:
    """Mark the stages that lead to a marked one, the marked ones included."""
    marked = goal.copy()
    for _ in range(goal.size):
        marked |= linked[:, marked].any(axis=1)
    return marked
