"""Which stage of one model is which of another: by the activities that they share, each at most once."""

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array


def overlaps(ones: Sequence[AbstractSet[Hashable]], others: Sequence[AbstractSet[Hashable]]) -> Array:
    """Give how much each set of one list shares with each of another.

    Parameters
    ----------
    ones, others : sequence of sets
        R and C of them.

    Returns
    -------
    ndarray of float64, shape (R, C)
        Jaccard overlaps in [0, 1]: shared members over all members; 0 where both are empty.

    Notes
    -----
    O(R C size of a set).

    Examples
    --------
    >>> overlaps([{"a", "b"}], [{"b"}, set()]).tolist()
    [[0.5, 0.0]]
    """
    table = [[len(one & other) / max(len(one | other), 1) for other in others] for one in ones]
    return np.array(table, dtype=np.float64).reshape(len(ones), len(others))


def assign(gain: npt.ArrayLike) -> list[tuple[int, int]]:
    """Pair rows with columns, each at most once, so that the gains of the pairs sum to the most.

    Parameters
    ----------
    gain : array_like of float, shape (R, C)
        At least 0. A pair that gains nothing is not made.

    Returns
    -------
    list of (int, int)
        Row and column of each pair, by row.

    Raises
    ------
    ValueError
        For NaN, infinity, a negative gain or no table.

    Notes
    -----
    The Hungarian method with potentials, O(n^3) for n = max(R, C).

    References
    ----------
    .. [1] H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955).

    Examples
    --------
    >>> assign([[0.9, 0.8], [0.8, 0.1]])
    [(0, 1), (1, 0)]
    >>> assign([[0.0, 0.0]])
    []
    """
    table = checks.floats(gain, "gain", (None, None), low=0.0)
    rows, columns = table.shape
    size = max(rows, columns)
    cost = np.zeros((size + 1, size + 1))
    cost[1 : rows + 1, 1 : columns + 1] = -table
    row_price, column_price = np.zeros(size + 1), np.zeros(size + 1)
    taken = np.zeros(size + 1, dtype=np.int64)  # the row that holds each column; rows and columns count from 1
    for row in range(1, size + 1):
        _take_in(row, cost, row_price, column_price, taken)
    pairs = ((int(taken[column]) - 1, column - 1) for column in range(1, columns + 1))
    return sorted((row, column) for row, column in pairs if row < rows and table[row, column] > 0.0)


def kept_in_order(places: Sequence[int]) -> set[int]:
    """Give the largest set of indices whose places rise: what stays where it was when as little as can be moves.

    Parameters
    ----------
    places : sequence of int
        Where each item of a list stands in another list.

    Returns
    -------
    set of int
        Indices into `places`; of several such sets, the one that keeps the later ones.

    Notes
    -----
    O(n^2).

    Examples
    --------
    >>> sorted(kept_in_order([3, 0, 1, 2]))
    [1, 2, 3]
    """
    best: list[list[int]] = []  # for each item, the longest rising chain that ends with it
    for index, place in enumerate(places):
        before = [chain for chain in best if places[chain[-1]] < place]
        best.append([*_longest(before), index])
    return set(_longest(best[::-1]))


def _longest(chains: list[list[int]]) -> list[int]:
    return max(chains, key=len) if chains else []


def _take_in(row: int, cost: Array, row_price: Array, column_price: Array, taken: npt.NDArray[np.int64]) -> None:
    """Give one more row a column, moving others along the cheapest chain."""
    size = cost.shape[0] - 1
    least, way, seen = np.full(size + 1, np.inf), np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=bool)
    taken[0], column = row, 0
    while taken[column] != 0:
        seen[column] = True
        held = taken[column]
        reduced = cost[held] - row_price[held] - column_price
        better = ~seen & (reduced < least)
        least[better], way[better] = reduced[better], column
        open_columns = np.where(seen, np.inf, least)
        open_columns[0] = np.inf
        following = int(open_columns.argmin())
        step = open_columns[following]
        row_price[taken[seen]] += step
        column_price[seen] -= step
        least[~seen] -= step
        column = following
    while column != 0:
        taken[column] = taken[way[column]]
        column = int(way[column])
