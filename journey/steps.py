"""Many paths summed up: who follows whom, where they begin, after what they end. All that transitions need of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import N_OUTCOMES, Array


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Sums over paths, by activity.

    Attributes
    ----------
    follows : ndarray of float64, shape (n, n)
        ``follows[a, b]``: how often b came right after a, a repetition included.
    ends : ndarray of float64, shape (n, 3)
        How often a path ended with a as won, lost, no decision.
    starts : ndarray of float64, shape (n,)
        How often a path began with a.
    """

    follows: Array
    ends: Array
    starts: Array

    def counts(self, home: npt.ArrayLike, n_stages: int) -> Array:
        """Give the moves between stages, (K, K + 3), as `journey.transitions.counts` gives them of paths.

        Parameters
        ----------
        home : array_like of int, shape (n,)
            The stage 0..K-1 of each activity.
        n_stages : int
            K.

        Returns
        -------
        ndarray of float64, shape (K, K + 3)

        Raises
        ------
        ValueError
            For a stage out of range.

        Notes
        -----
        O(n^2 K).

        Examples
        --------
        >>> ends = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> told = Steps(np.array([[0.0, 1.0], [1.0, 0.0]]), ends, np.array([1.0, 0.0]))
        >>> told.counts([0, 1], 2).tolist()
        [[0.0, 1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]
        """
        member = self._member(home, n_stages)
        return np.hstack([member.T @ self.follows @ member, member.T @ self.ends])

    def first(self, home: npt.ArrayLike, n_stages: int) -> Array:
        """Give how often paths began in each stage, (K,).

        Examples
        --------
        >>> none(2).first([0, 0], 1).tolist()
        [0.0]
        """
        return np.asarray(self._member(home, n_stages).T @ self.starts)

    def _member(self, home: npt.ArrayLike, n_stages: int) -> Array:
        k = checks.count(n_stages, "n_stages")
        stage = checks.integers(home, "home", stop=k)
        return np.eye(k)[stage]


def none(n_activities: int) -> Steps:
    """Give the sums over no path at all.

    Examples
    --------
    >>> none(1).ends.tolist()
    [[0.0, 0.0, 0.0]]
    """
    n = n_activities
    return Steps(np.zeros((n, n)), np.zeros((n, N_OUTCOMES)), np.zeros(n))
