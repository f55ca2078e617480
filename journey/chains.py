"""Whether a purchase goes the way of those that were won, lost or not decided: one chain of activities for each."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import N_OUTCOMES, Array, IntArray

_EVEN = 1.0  # moves, spread evenly, that keep the chain of all from calling anything impossible


def ratios(
    signals: npt.ArrayLike,
    offsets: npt.ArrayLike,
    outcomes: npt.ArrayLike,
    n_activities: int,
    *,
    strength: float = 20.0,
) -> Array:
    """Learn how much each move from activity to activity speaks for each outcome.

    Parameters
    ----------
    signals : array_like of int, shape (m,)
        The activities 0..n-1 of ended purchases end to end, each one's in order of time.
    offsets : array_like of int, shape (deals + 1,)
        Purchase i has ``signals[offsets[i]:offsets[i + 1]]``.
    outcomes : array_like of int, shape (deals,)
        How each ended: 0 won, 1 lost, 2 no decision.
    n_activities : int
        n, at least 1.
    strength : float, optional
        Above 0: how many moves the chain of all purchases is worth in the chain of each outcome.

    Returns
    -------
    ndarray of float64, shape (n + 1, n, 3)
        ``log(P_outcome[a, b] / P_all[a, b])`` of going from a to b; the row n is the start. All 0 for an outcome
        that no purchase had.

    Raises
    ------
    ValueError
        For an activity or outcome out of range, or offsets that do not fit.

    Notes
    -----
    O(m + n^2). First-order Markov chains; ``P_outcome[a] = (N_outcome[a] + strength P_all[a]) / (sum + strength)``, the
    posterior mean under a Dirichlet prior; P_all is smoothed by one move spread evenly.

    References
    ----------
    .. [1] R. Durbin, S. Eddy, A. Krogh, G. Mitchison, "Biological Sequence Analysis", 1998, section 3.1 (log-odds
       ratios of two Markov chains).

    Examples
    --------
    >>> table = ratios([0, 1, 0, 0], [0, 2, 4], [0, 1], 2)
    >>> table[0, 1].round(3).tolist()
    [0.047, -0.049, 0.0]
    """
    n = checks.count(n_activities, "n_activities")
    flat = checks.integers(signals, "signals", stop=n)
    edge = checks.bounds(offsets, flat.size)
    ended = checks.integers(outcomes, "outcomes", size=edge.size - 1, stop=N_OUTCOMES)
    worth = checks.number(strength, "strength")
    cell = _moves(flat, edge, n) * N_OUTCOMES + np.repeat(ended, np.diff(edge))
    counts = np.bincount(cell, minlength=(n + 1) * n * N_OUTCOMES).reshape(n + 1, n, N_OUTCOMES).astype(np.float64)
    whole = counts.sum(axis=2) + _EVEN / n
    whole /= whole.sum(axis=1, keepdims=True)
    each = counts + worth * whole[:, :, None]
    each /= each.sum(axis=1, keepdims=True)
    return np.asarray(np.log(each) - np.log(whole)[:, :, None])


def along(signals: npt.ArrayLike, offsets: npt.ArrayLike, table: npt.ArrayLike) -> Array:
    """Add up how much each purchase's path speaks for each outcome.

    Parameters
    ----------
    signals, offsets
        As for `ratios`, of purchases under way.
    table : array_like of float, shape (n + 1, n, 3)
        As `ratios` gives it.

    Returns
    -------
    ndarray of float64, shape (deals, 3)
        The log-likelihood ratios of the whole path, in nats; 0 for a purchase without signals.

    Raises
    ------
    ValueError
        For an activity out of range, offsets that do not fit, or a table of another shape.

    Notes
    -----
    O(m).

    References
    ----------
    .. [1] R. Durbin, S. Eddy, A. Krogh, G. Mitchison, "Biological Sequence Analysis", 1998, section 3.1.

    Examples
    --------
    >>> table = ratios([0, 1, 0, 0], [0, 2, 4], [0, 1], 2)
    >>> along([0, 1, 0], [0, 3, 3], table).round(3).tolist()
    [[0.056, -0.039, 0.0], [0.0, 0.0, 0.0]]
    """
    worth = checks.floats(table, "table", (None, None, N_OUTCOMES))
    n = worth.shape[1]
    if n == 0 or worth.shape[0] != n + 1:
        raise ValueError(f"table must have the shape n + 1 x n x {N_OUTCOMES}, not {worth.shape}.")
    flat = checks.integers(signals, "signals", stop=n)
    edge = checks.bounds(offsets, flat.size)
    move = _moves(flat, edge, n)
    owner = np.repeat(np.arange(edge.size - 1), np.diff(edge))
    by_move = worth.reshape(-1, N_OUTCOMES)
    sums = [
        np.bincount(owner, weights=by_move[move, outcome], minlength=edge.size - 1) for outcome in range(N_OUTCOMES)
    ]
    return np.column_stack(sums)


def _moves(flat: IntArray, edge: IntArray, n: int) -> IntArray:
    """Number the move that each signal ends: from the one before it, or from the start, times n, plus itself."""
    before = np.empty_like(flat)
    before[1:] = flat[:-1]
    before[edge[:-1][np.diff(edge) > 0]] = n
    return before * n + flat
