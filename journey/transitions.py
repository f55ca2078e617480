"""From a stage, where customers go next: another stage, any other, or one of the three outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks, tallies
from journey.checks import N_OUTCOMES, OUTCOMES, Array, Sequences

_STAY, _NEXT, _PREVIOUS, _OTHERS, _LOST, _NO_DECISION = 0.30, 0.40, 0.10, 0.05, 0.05, 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """How customers move.

    Attributes
    ----------
    matrix : ndarray of float64, shape (K, K + 3)
        Shares of customers that go from the row's stage to each stage, then to won, lost and no decision. A row sums
        to 1.
    start : ndarray of float64, shape (K,)
        Shares of customers that start in each stage. Sums to 1.
    """

    matrix: Array
    start: Array


def prior(n_stages: int) -> Array:
    """Say what is expected of a stage before anyone told of it.

    Parameters
    ----------
    n_stages : int
        K, at least 1.

    Returns
    -------
    ndarray of float64, shape (K, K + 3)
        Rows sum to 1: 0.30 stay, 0.40 to the next stage (won for the last), 0.10 to the previous (stay for the first),
        0.05 shared by all other stages (stay if there are none), 0.05 lost, 0.10 no decision.

    Raises
    ------
    ValueError
        If there is no stage.

    Notes
    -----
    O(K^2).

    Examples
    --------
    >>> prior(1).round(2).tolist()
    [[0.45, 0.4, 0.05, 0.1]]
    """
    k = checks.count(n_stages, "n_stages")
    table = np.zeros((k, k + N_OUTCOMES))
    for stage in range(k):
        row = table[stage]
        row[stage] += _STAY
        row[stage + 1] += _NEXT  # behind the last stage stands "won"
        row[max(stage - 1, 0)] += _PREVIOUS
        others = [other for other in range(k) if abs(other - stage) > 1]
        if others:
            row[others] += _OTHERS / len(others)
        else:
            row[stage] += _OTHERS
        row[k + 1] += _LOST
        row[k + 2] += _NO_DECISION
    return table


def counts(
    paths: Sequences, outcomes: Sequence[str | None], n_stages: int, *, weights: npt.ArrayLike | None = None
) -> Array:
    """Count the moves that were told, without any prior.

    Parameters
    ----------
    paths, outcomes, n_stages, weights
        As for `fit`.

    Returns
    -------
    ndarray of float64, shape (K, K + 3)
        Weighted moves from the row's stage to each stage (staying included), then to won, lost and no decision.

    Raises
    ------
    ValueError
        As `fit` does.

    Notes
    -----
    O(moments + K^2).

    Examples
    --------
    >>> counts([[0, 0, 1]], ["won"], 2).tolist()
    [[1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0]]
    """
    k = checks.count(n_stages, "n_stages")
    flat, offsets = checks.ragged(paths, "paths", stop=k)
    weight = checks.interview_weights(weights, offsets.size - 1)
    check_outcomes(outcomes, offsets.size - 1)
    return tallies.moves(flat, offsets, outcomes, k).total(weight)


def fit(
    paths: Sequences,
    outcomes: Sequence[str | None],
    n_stages: int,
    *,
    alpha: float = 2.0,
    weights: npt.ArrayLike | None = None,
    further: npt.ArrayLike | None = None,
    began: npt.ArrayLike | None = None,
) -> Transitions:
    """Learn how customers move from the paths that they told.

    Parameters
    ----------
    paths : sequence of sequences of int
        For each interview the stages 0..K-1 of its moments in order, returns included. An empty path adds nothing.
    outcomes : sequence of {"won", "lost", "no_decision", None}
        How each purchase ended; None is still open and adds no ending.
    n_stages : int
        K, at least 1.
    alpha : float, optional
        Above 0: how many told moves the prior of a stage is worth.
    weights : array_like of float, shape (interviews,), optional
        At least 0 each; 1 each where not given.
    further : array_like of float, shape (K, K + 3), optional
        Moves from elsewhere that join the counts: those of closed deals, with a weight of choice.
    began : array_like of float, shape (K,), optional
        How often these began in each stage.

    Returns
    -------
    Transitions
        ``matrix = (counts + alpha prior) / (row sum of counts + alpha)``; `start` counts first stages, plus 1 for
        stage 0, normalised. Without any path, the prior and stage 0.

    Raises
    ------
    ValueError
        For a stage out of range, an unknown outcome, a negative or NaN weight, an alpha that is not above 0, or lists
        of different lengths.

    Notes
    -----
    O(moments + K^2). The rows are posterior means under a Dirichlet prior.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, "Finite Markov Chains", 1960, chapter 3 (absorbing chains).

    Examples
    --------
    >>> learned = fit([[0, 1], [0, 0]], ["won", None], 2)
    >>> learned.matrix.round(4).tolist()
    [[0.475, 0.45, 0.0, 0.025, 0.05], [0.0667, 0.2333, 0.6, 0.0333, 0.0667]]
    >>> learned.start.tolist()
    [1.0, 0.0]
    """
    strength = checks.number(alpha, "alpha")
    told = counts(paths, outcomes, n_stages, weights=weights)
    weight = checks.interview_weights(weights, len(paths))
    started = np.zeros(told.shape[0])
    started[0] = 1.0
    for path, share in zip(paths, weight, strict=True):
        if len(path):
            started[int(path[0])] += share
    if further is not None:
        told = told + checks.floats(further, "further", told.shape, low=0.0)
    if began is not None:
        started = started + checks.floats(began, "began", started.shape, low=0.0)
    return Transitions(smooth(told, strength), started / started.sum())


def smooth(told: npt.ArrayLike, alpha: float = 2.0) -> Array:
    """Join counted moves with the prior.

    Parameters
    ----------
    told : array_like of float, shape (..., K, K + 3)
        Counted moves, at least 0; several tables at once are taken too.
    alpha : float, optional
        Above 0: the prior's worth in moves.

    Returns
    -------
    ndarray of float64, shape (..., K, K + 3)
        Rows sum to 1.

    Raises
    ------
    ValueError
        For another shape, NaN, a negative count, or an alpha that is not above 0.

    Notes
    -----
    O(size of `told`).

    Examples
    --------
    >>> smooth([[0.0, 2.0, 0.0, 0.0]]).round(4).tolist()
    [[0.225, 0.7, 0.025, 0.05]]
    """
    strength = checks.number(alpha, "alpha")
    array = np.asarray(told, dtype=np.float64)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] + N_OUTCOMES:  # noqa: PLR2004 - a table has two axes
        raise ValueError(f"told must have K rows and K + {N_OUTCOMES} columns, not {array.shape}.")
    checks.floats(array, "told", array.shape, low=0.0)
    return np.asarray(
        (array + strength * prior(array.shape[-2])) / (array.sum(axis=-1, keepdims=True) + strength),
    )


def open_matrix(matrix: npt.ArrayLike) -> Array:
    """Say where a customer goes next, given that the purchase is still open.

    Parameters
    ----------
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions as `fit` gives them, or their stage part alone (rows of at most 1).

    Returns
    -------
    ndarray of float64, shape (K, K)
        The stage part with each row brought to a sum of 1. A stage that leads to no stage at all stays where it is.

    Raises
    ------
    ValueError
        For another shape, NaN, a negative share, or rows that sum to more than 1.

    Notes
    -----
    O(K^2).

    Examples
    --------
    >>> open_matrix([[0.2, 0.3, 0.5, 0, 0], [0, 0, 1, 0, 0]]).round(4).tolist()
    [[0.4, 0.6], [0.0, 1.0]]
    """
    array = np.asarray(matrix, dtype=np.float64)
    if array.ndim == 2 and array.shape[0] == array.shape[1]:  # noqa: PLR2004 - a matrix has two axes
        array = checks.square(array, "matrix", low=0.0)
        if bool((array.sum(axis=1) > 1.0 + checks.TOLERANCE).any()):
            raise ValueError("No row of matrix may sum to more than 1.")
    else:
        array = checks.transition_matrix(array)
    stages = array[:, : array.shape[0]]
    total = stages.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, stages / np.where(total > 0.0, total, 1.0), np.eye(stages.shape[0]))


def check_outcomes(outcomes: Sequence[str | None], size: int) -> None:
    """Refuse outcomes that are unknown, or not one for each of `size` paths.

    Raises
    ------
    ValueError
        If they are.

    Examples
    --------
    >>> check_outcomes(["won", None], 2)
    """
    if len(outcomes) != size:
        raise ValueError(f"There must be one outcome for each path: {size}, not {len(outcomes)}.")
    for outcome in outcomes:
        if outcome is not None and outcome not in OUTCOMES:
            raise ValueError(f"An outcome must be one of {', '.join(OUTCOMES)} or None, not {outcome!r}.")
