"""What it says about a buyer's stage that one of the customer's activities was seen."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array


def emissions(home: npt.ArrayLike, told: npt.ArrayLike, n_stages: int, *, noise: float = 0.15) -> Array:
    """Say how likely each activity is in each stage.

    Parameters
    ----------
    home : array_like of int, shape (n,)
        The stage 0..K-1 that each activity belongs to.
    told : array_like of float, shape (n,)
        The weighted number of interviews that tell each activity, at least 0.
    n_stages : int
        K, at least 1.
    noise : float, optional
        In (0, 1]: the share of signals that say nothing about the stage.

    Returns
    -------
    ndarray of float64, shape (K, n)
        ``(1 - noise) (told + 1) / sum over the stage's activities of (told + 1)`` at home, 0 elsewhere, plus
        ``noise / n`` everywhere; above 0 throughout. Rows sum to 1, that of a stage without activities to `noise`.

    Raises
    ------
    ValueError
        For no activity, a stage out of range, a negative or NaN count, a noise out of range, or lists of different
        lengths.

    Notes
    -----
    O(K n). The added 1 is Laplace's: an activity told once is not thereby impossible elsewhere.

    References
    ----------
    .. [1] L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition",
       Proceedings of the IEEE 77 (1989).

    Examples
    --------
    >>> emissions([0, 0, 1], [3, 1, 0], 2).round(4).tolist()
    [[0.6167, 0.3333, 0.05], [0.05, 0.05, 0.9]]
    """
    k = checks.count(n_stages, "n_stages")
    stage = checks.integers(home, "home", stop=k)
    n = stage.size
    if n == 0:
        raise ValueError("home must name at least one activity.")
    worth = checks.floats(told, "told", (n,), low=0.0) + 1.0
    share = checks.number(noise, "noise", high=1.0)
    table = np.full((k, n), share / n)
    table[stage, np.arange(n)] += (1.0 - share) * worth / np.bincount(stage, weights=worth, minlength=k)[stage]
    return table
