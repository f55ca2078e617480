"""Which interview adds to which count.

All counts of the model are sums of interview weights, so they are linear in the weights: the places where an interview
counts are found once, and every weighting of the interviews (a bootstrap asks for two hundred) is then one `bincount`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.checks import N_OUTCOMES, OUTCOMES, Array, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One entry for each time that an interview adds its weight to a cell.

    Attributes
    ----------
    interview, cell : ndarray of int64, shape (entries,)
        Interview `interview[i]` adds to `cell[i]` of the flattened table.
    shape : tuple of int
        The table's shape.
    """

    interview: IntArray
    cell: IntArray
    shape: tuple[int, ...]

    def total(self, weights: Array) -> Array:
        """Sum the weights (interviews,) into the table, in O(entries + cells).

        Examples
        --------
        >>> Tally(np.array([0, 1]), np.array([3, 3]), (2, 2)).total(np.array([1.0, 0.5])).tolist()
        [[0.0, 0.0], [0.0, 1.5]]
        """
        size = int(np.prod(self.shape))
        table = np.bincount(self.cell, weights=weights[self.interview], minlength=size)
        return np.asarray(table, dtype=np.float64).reshape(self.shape)


def _owners(offsets: IntArray) -> IntArray:
    return np.repeat(np.arange(offsets.size - 1, dtype=np.int64), np.diff(offsets))


def _steps(offsets: IntArray) -> IntArray:
    """Give the indices that have a successor in the same sequence."""
    owner = _owners(offsets)
    return np.flatnonzero(owner[1:] == owner[:-1])


def _first_times(flat: IntArray, offsets: IntArray, n_activities: int) -> tuple[IntArray, IntArray]:
    """Give owner and activity of each first telling, in order of interview, then of time."""
    owner = _owners(offsets)
    _, index = np.unique(owner * n_activities + flat, return_index=True)
    index.sort()
    return owner[index], flat[index]


def tellings(flat: IntArray, offsets: IntArray, n_activities: int) -> Tally:
    """Tally which interview tells which activity (once each, returns aside); the table is (n,).

    Examples
    --------
    >>> tellings(np.array([0, 1, 0]), np.array([0, 3]), 2).total(np.ones(1)).tolist()
    [1.0, 1.0]
    """
    owner, activity = _first_times(flat, offsets, n_activities)
    return Tally(owner, activity, (n_activities,))


def moments(flat: IntArray, offsets: IntArray, n_activities: int) -> Tally:
    """Tally the moments of each activity, returns included; the table is (n,).

    Examples
    --------
    >>> moments(np.array([0, 1, 0]), np.array([0, 3]), 2).total(np.ones(1)).tolist()
    [2.0, 1.0]
    """
    return Tally(_owners(offsets), flat, (n_activities,))


def precedences(flat: IntArray, offsets: IntArray, n_activities: int) -> Tally:
    """Tally the pairs (a, b) of which an interview tells both and a first; the table is (n, n).

    Examples
    --------
    >>> precedences(np.array([1, 0, 1]), np.array([0, 3]), 2).total(np.ones(1)).tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    owner, activity = _first_times(flat, offsets, n_activities)
    stop = np.cumsum(np.bincount(owner, minlength=offsets.size - 1))
    after = stop[owner] - np.arange(owner.size) - 1  # how many first tellings follow in the same interview
    earlier = np.repeat(np.arange(owner.size), after)
    later = earlier + 1 + np.arange(earlier.size) - np.repeat(np.cumsum(after) - after, after)
    return Tally(owner[earlier], activity[earlier] * n_activities + activity[later], (n_activities, n_activities))


def followings(flat: IntArray, offsets: IntArray, n_activities: int) -> Tally:
    """Tally the pairs (a, b) of which b is told right after a, repetitions aside; the table is (n, n).

    Examples
    --------
    >>> followings(np.array([0, 0, 1]), np.array([0, 3]), 2).total(np.ones(1)).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    step = _steps(offsets)
    step = step[flat[step] != flat[step + 1]]
    cell = flat[step] * n_activities + flat[step + 1]
    return Tally(_owners(offsets)[step], cell, (n_activities, n_activities))


def moves(flat: IntArray, offsets: IntArray, outcomes: Sequence[str | None], n_stages: int) -> Tally:
    """Tally the moves from stage to stage, staying included, and from the last stage to the outcome.

    The table is (K, K + 3). An outcome of None (still open) adds nothing, nor does the outcome of an empty path.

    Examples
    --------
    >>> moves(np.array([0, 0]), np.array([0, 2]), ["lost"], 1).total(np.ones(1)).tolist()
    [[1.0, 0.0, 1.0, 0.0]]
    """
    width = n_stages + N_OUTCOMES
    step = _steps(offsets)
    ended = np.array(
        [i for i, o in enumerate(outcomes) if o is not None and offsets[i + 1] > offsets[i]], dtype=np.int64
    )
    column = np.array([n_stages + OUTCOMES.index(str(outcomes[i])) for i in ended], dtype=np.int64)
    interview = np.concatenate([_owners(offsets)[step], ended])
    cell = np.concatenate([flat[step] * width + flat[step + 1], flat[offsets[ended + 1] - 1] * width + column])
    return Tally(interview, cell, (n_stages, width))
