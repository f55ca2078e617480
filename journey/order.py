"""In which order customers buy: activities on a line, and how much of what they tell does not fit a line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks, tallies
from journey.checks import Array, IntArray, Sequences

_TIE = 1e-9  # potentials nearer than this differ by rounding alone
_ROUNDING = 1e-12  # a cyclic share below this is a perfect line


@dataclass(frozen=True, slots=True, eq=False)
class Potentials:
    """Where each activity lies on the line.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
        In units of "always later": two activities one apart were always told in that order. Each component's mean is 0.
    cyclic_share : float
        In [0, 1]: the share of what was told that no line can explain; 1 is pure circles. "Always earlier" counts the
        same over one step as over many, so a line of n activities that every interview tells alike is left with
        ``(n - 2) / (3 n)``; `contradiction` gives a figure that is 0 there.
    components : ndarray of int64, shape (n,)
        Activities of different numbers were never connected by interviews: their order against each other is not known.
        Numbered from 0 by their smallest activity.
    """

    values: Array
    cyclic_share: float
    components: IntArray


@dataclass(frozen=True, slots=True)
class CyclicPair:
    """Two activities whose told order disagrees with the line; `earlier` lies before `later` on it.

    Attributes
    ----------
    earlier, later : int
        The activities.
    forward, backward : float
        The weighted number of interviews that tell `earlier` first, and `later` first.
    residual : float
        What the pair adds to the sum of squares that the line leaves over.
    share : float
        In (0, 1]: that residual as a share of all pairs' residuals.
    """

    earlier: int
    later: int
    forward: float
    backward: float
    residual: float
    share: float


def precedence(sequences: Sequences, n_activities: int, weights: npt.ArrayLike | None = None) -> tuple[Array, Array]:
    """Count which activity is told before which, and which right after which.

    Parameters
    ----------
    sequences : sequence of sequences of int
        For each interview the activities 0..n-1 in the order of its moments; returns repeat an activity.
    n_activities : int
        n, at least 1.
    weights : array_like of float, shape (interviews,), optional
        At least 0 each; 1 each where not given.

    Returns
    -------
    first : ndarray of float64, shape (n, n)
        ``first[a, b]``: weight of the interviews that tell both and tell a first. Only first tellings count.
    follows : ndarray of float64, shape (n, n)
        ``follows[a, b]``: weighted count of b told right after a, returns included; the diagonal is 0.

    Raises
    ------
    ValueError
        For an activity out of range, a negative or NaN weight, or not one weight for each interview.

    Notes
    -----
    O(sum of squared lengths + n^2). No interview gives two matrices of zeros.

    References
    ----------
    .. [1] X. Jiang, L.-H. Lim, Y. Yao, Y. Ye, "Statistical ranking and combinatorial Hodge theory",
       Mathematical Programming 127 (2011).

    Examples
    --------
    >>> first, follows = precedence([[0, 1, 2, 0], [1, 0]], 3)
    >>> first.tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    >>> follows.tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    n = checks.count(n_activities, "n_activities")
    flat, offsets = checks.ragged(sequences, "sequences", stop=n)
    weight = checks.interview_weights(weights, offsets.size - 1)
    first = tallies.precedences(flat, offsets, n).total(weight)
    return first, tallies.followings(flat, offsets, n).total(weight)


def potentials(first: npt.ArrayLike) -> Potentials:
    """Lay the activities on a line by least squares over the pairs that were told together.

    Minimises the sum over pairs of ``n_ab (r_a - r_b - y_ab)^2`` with ``n_ab = first[a, b] + first[b, a]`` and
    ``y_ab = (first[b, a] - first[a, b]) / n_ab``; of all minimisers, the one of least norm.

    Parameters
    ----------
    first : array_like of float, shape (n, n)
        As `precedence` gives it: at least 0, with a diagonal of 0.

    Returns
    -------
    Potentials
        Where no pair was told together all values are 0; `cyclic_share` is 0 where the pairs show no direction at all.

    Raises
    ------
    ValueError
        If `first` is empty, not square, has a diagonal, or holds NaN or a negative entry.

    Notes
    -----
    The normal equations are those of the weighted graph Laplacian; adding the all-ones block of each component makes
    them regular and selects the least norm. O(n^3).

    References
    ----------
    .. [1] X. Jiang, L.-H. Lim, Y. Yao, Y. Ye, "Statistical ranking and combinatorial Hodge theory",
       Mathematical Programming 127 (2011).

    Examples
    --------
    >>> line = potentials(precedence([[0, 1], [0, 1], [2, 0], [1, 2]], 3)[0])
    >>> line.values.round(4).tolist(), round(line.cyclic_share, 4), line.components.tolist()
    ([-0.2, 0.2, 0.0], 0.9, [0, 0, 0])
    """
    told_first = _told_first(first)
    together = told_first + told_first.T
    components = _components(together > 0.0)
    member = components[:, None] == components[None, :]
    degree = together.sum(axis=1)
    scale = float(degree.max()) or 1.0
    laplacian = (np.diag(degree) - together) / scale
    pull = (told_first.T - told_first).sum(axis=1) / scale
    values = np.linalg.solve(laplacian + member / member.sum(axis=1), pull)
    whole = float(_unfit(told_first, np.zeros_like(values)).sum())
    share = float(_unfit(told_first, values).sum()) / whole if whole > 0.0 else 0.0
    return Potentials(values, min(1.0, share) if share > _ROUNDING else 0.0, components)


def ranking(values: npt.ArrayLike) -> IntArray:
    """Sort the activities along the line; those that lie at one place keep the order of their numbers.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Potentials. Give the activities their numbers in the order of their names, and ties go by name.

    Returns
    -------
    ndarray of int64, shape (n,)
        Activities, earliest first.

    Raises
    ------
    ValueError
        If `values` is empty or holds NaN.

    Notes
    -----
    O(n log n). Neighbours nearer than 1e-9 count as tied, so that rounding never decides an order.

    Examples
    --------
    >>> ranking([0.5, -0.5, 0.5 - 1e-16]).tolist()
    [1, 0, 2]
    """
    array = checks.floats(values, "values", (None,))
    if array.size == 0:
        raise ValueError("values must hold at least one potential.")
    rough = np.argsort(array, kind="stable")
    place = np.concatenate([[0], np.cumsum(np.diff(array[rough]) > _TIE)])
    return rough[np.lexsort((rough, place))].astype(np.int64)


def cyclic_pairs(
    first: npt.ArrayLike, potentials: Potentials, count: int = 3, *, contradicted: bool = False
) -> tuple[CyclicPair, ...]:
    """Explain the cyclic share: the pairs of activities that fit the line least.

    Parameters
    ----------
    first : array_like of float, shape (n, n)
        As given to `potentials`.
    potentials : Potentials
        As `potentials` gave it.
    count : int, optional
        At most so many pairs, at least 0.
    contradicted : bool, optional
        Leave out the pairs that nobody told against the line: they add to the residual by their distance alone.

    Returns
    -------
    tuple of CyclicPair
        Largest residual first, ties by activity number; pairs that fit are left out.

    Raises
    ------
    ValueError
        As `potentials` does, or if the two do not belong together.

    Notes
    -----
    O(n^2 log n).

    Examples
    --------
    >>> first, _ = precedence([[0, 1], [0, 1], [2, 0], [1, 2]], 3)
    >>> pair = cyclic_pairs(first, potentials(first))[0]
    >>> pair.earlier, pair.later, pair.forward, pair.backward
    (0, 2, 0.0, 1.0)
    """
    told_first = _told_first(first)
    values = checks.floats(potentials.values, "potentials", (told_first.shape[0],))
    wanted = checks.count(count, "count", low=0)
    left_over = _unfit(told_first, values)
    rows, columns = np.triu_indices(values.size, 1)
    residual = left_over[rows, columns]
    whole = float(residual.sum())
    tidy = np.round(residual / whole, 12) if whole > 0.0 else residual
    place = np.empty(values.size, dtype=np.int64)
    place[ranking(values)] = np.arange(values.size)
    pairs: list[CyclicPair] = []
    for i in np.lexsort((columns, rows, -tidy)):
        if residual[i] <= _TIE or len(pairs) == wanted:
            break
        a, b = sorted((int(rows[i]), int(columns[i])), key=lambda activity: int(place[activity]))
        forward, backward = float(told_first[a, b]), float(told_first[b, a])
        if contradicted and backward <= 0.0:
            continue
        pairs.append(CyclicPair(a, b, forward, backward, float(residual[i]), float(residual[i]) / whole))
    return tuple(pairs)


def contradiction(first: npt.ArrayLike, ranked: npt.ArrayLike) -> float:
    """Say how often customers told two activities against the order.

    Parameters
    ----------
    first : array_like of float, shape (n, n)
        As `precedence` gives it.
    ranked : array_like of int, shape (n,)
        Activities, earliest first, as `ranking` gives them.

    Returns
    -------
    float
        In [0, 1]: of all pairs of activities in all interviews, by weight, the share told the other way round. 0 where
        every interview follows the order or none tells two activities; about one half where there is no order.

    Raises
    ------
    ValueError
        As `potentials` does, or if `ranked` does not name every activity once.

    Notes
    -----
    O(n^2).

    Examples
    --------
    >>> contradiction(precedence([[0, 1, 2], [1, 0, 2]], 3)[0], [0, 1, 2])
    0.16666666666666666
    """
    told_first = _told_first(first)
    n = told_first.shape[0]
    activity = checks.integers(ranked, "ranked", size=n, stop=n)
    if np.unique(activity).size != n:
        raise ValueError("ranked must name every activity once.")
    whole = float(told_first.sum())
    against = float(np.tril(told_first[np.ix_(activity, activity)]).sum())
    return against / whole if whole > 0.0 else 0.0


def _told_first(first: npt.ArrayLike) -> Array:
    array = checks.square(first, "first", low=0.0)
    if bool(np.diagonal(array).any()):
        raise ValueError("The diagonal of first must be 0: nothing is told before itself.")
    return array


def _components(linked: npt.NDArray[np.bool_]) -> IntArray:
    label = np.full(linked.shape[0], -1, dtype=np.int64)
    for seed in range(label.size):
        if label[seed] >= 0:
            continue
        number = int(label.max()) + 1
        edge = np.zeros(label.size, dtype=np.bool_)
        edge[seed] = True
        while edge.any():
            label[edge] = number
            edge = linked[edge].any(axis=0) & (label < 0)
    return label


def _unfit(told_first: Array, values: Array) -> Array:
    """Give each pair's part of the sum of squares, symmetric (n, n)."""
    together = told_first + told_first.T
    later = np.divide(told_first.T - told_first, together, out=np.zeros_like(together), where=together > 0.0)
    return together * (values[:, None] - values[None, :] - later) ** 2
