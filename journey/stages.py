"""Which neighbouring activities make up one stage: exact clustering of activities that already stand in order."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array

_TIE = 1e-9  # totals nearer than this differ by rounding alone
_SPREAD = 0.25  # how many standard deviations above the mean two activities must lie to belong together
_COSINE_SLACK = 1e-3  # embeddings come in single precision


def closeness(follows: npt.ArrayLike) -> Array:
    """Say how often two activities are told next to each other, against how often they are told next to anything.

    Parameters
    ----------
    follows : array_like of float, shape (n, n)
        ``follows[a, b]``: weighted count of b told right after a; its diagonal is not looked at.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Symmetric, in [0, 1], with a diagonal of 0: ``(D + D') / sqrt(d_a d_b)``, d the row sums of D + D'. An activity
        that stands beside no other is close to none.

    Raises
    ------
    ValueError
        If `follows` is empty, not square, or holds NaN or a negative entry.

    Notes
    -----
    O(n^2). The normalisation is that of the symmetric normalised Laplacian.

    References
    ----------
    .. [1] U. von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17 (2007).

    Examples
    --------
    >>> closeness([[0, 2, 0], [0, 0, 1], [0, 0, 0]]).round(4).tolist()
    [[0.0, 0.8165, 0.0], [0.8165, 0.0, 0.5774], [0.0, 0.5774, 0.0]]
    """
    array = checks.square(follows, "follows", low=0.0).copy()
    np.fill_diagonal(array, 0.0)
    beside = array + array.T
    root = np.sqrt(beside.sum(axis=1))
    scale = root[:, None] * root[None, :]
    share = np.divide(beside, scale, out=np.zeros_like(beside), where=scale > 0.0)
    return np.asarray(np.minimum(share, 1.0))


def similarity(jobs: npt.ArrayLike, meaning: npt.ArrayLike, closeness: npt.ArrayLike) -> Array:
    """Say how much two activities belong together: the mean of same question, same meaning and told side by side.

    Parameters
    ----------
    jobs : array_like, shape (n,) of int or (n, questions) of bool
        The buying question under which each activity is told (below 0: none), or which of several questions.
    meaning : array_like of float, shape (n, n)
        Symmetric cosines of the activities' embeddings, in [-1, 1]; below 0 counts as 0.
    closeness : array_like of float, shape (n, n)
        As `closeness` gives it, in [0, 1].

    Returns
    -------
    ndarray of float64, shape (n, n)
        Symmetric, in [0, 1]. The diagonal carries no meaning.

    Raises
    ------
    ValueError
        For NaN, entries out of range, or shapes that do not fit each other.

    Notes
    -----
    O(n^2 questions).

    Examples
    --------
    >>> meaning = [[1, 0.5, -0.2], [0.5, 1, 0], [-0.2, 0, 1]]
    >>> beside = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> similarity([0, 0, 1], meaning, beside).round(4)[0].tolist()
    [0.6667, 0.8333, 0.0]
    """
    near = checks.square(closeness, "closeness", low=0.0, high=1.0)
    n = near.shape[0]
    cosine = checks.floats(meaning, "meaning", (n, n), low=-1.0 - _COSINE_SLACK, high=1.0 + _COSINE_SLACK)
    return np.asarray((_same_job(jobs, n) + np.clip(cosine, 0.0, 1.0) + near) / 3.0)


def segment(similarity: npt.ArrayLike, count: int | None = None) -> list[tuple[int, int]]:
    """Cut activities that stand in order into the stages that hold together best.

    Maximises the sum over segments of the sum over the pairs inside of ``similarity - g``, g being the mean plus a
    quarter of the population standard deviation of the similarity over all pairs.

    Parameters
    ----------
    similarity : array_like of float, shape (n, n)
        Symmetric, rows and columns in the activities' order; the diagonal is not looked at.
    count : int, optional
        The number of stages, 1..n. Where not given it falls out of the data, the fewest on ties.

    Returns
    -------
    list of (int, int)
        ``(start, stop)`` of each stage, from the first to the last activity without gaps.

    Raises
    ------
    ValueError
        If `similarity` is empty, not square, not symmetric or holds NaN, or if there cannot be `count` stages.

    Notes
    -----
    Dynamic programming over (stages, activities), exact: O(n^2) for each number of stages, O(n^3) over all. Between
    cuts of equal worth the earliest cut wins, seen from the end; totals nearer than 1e-9 count as equal.

    References
    ----------
    .. [1] N. Bansal, A. Blum, S. Chawla, "Correlation clustering", Machine Learning 56 (2004).
    .. [2] R. Bellman, "On the approximation of curves by line segments using dynamic programming",
       Communications of the ACM 4 (1961).

    Examples
    --------
    >>> near = [[0, 0.9, 0.1, 0], [0.9, 0, 0.2, 0], [0.1, 0.2, 0, 0.8], [0, 0, 0.8, 0]]
    >>> segment(near)
    [(0, 2), (2, 4)]
    >>> segment(near, count=1)
    [(0, 4)]
    """
    array = checks.square(similarity, "similarity")
    if not np.allclose(array, array.T, rtol=0.0, atol=_TIE):
        raise ValueError("similarity must be symmetric.")
    n = array.shape[0]
    most = n if count is None else checks.count(count, "count", high=n)
    gain = _gains(array)
    worth = np.where(np.arange(n + 1) == 0, 0.0, -np.inf)
    totals, starts = np.empty(most), np.empty((most, n + 1), dtype=np.int64)
    for stage in range(most):
        candidate = worth[:, None] + gain
        worth = candidate.max(axis=0)
        starts[stage] = np.argmax(candidate >= worth - _TIE, axis=0)
        totals[stage] = worth[n]
    chosen = most if count is not None else int(np.argmax(totals >= totals.max() - _TIE)) + 1
    stop, segments = n, []
    for stage in range(chosen - 1, -1, -1):
        start = int(starts[stage, stop])
        segments.append((start, stop))
        stop = start
    return segments[::-1]


def _same_job(jobs: npt.ArrayLike, n: int) -> Array:
    array = np.asarray(jobs)
    if array.ndim == 1:
        number = checks.integers(array, "jobs", size=n, low=-(2**62), stop=2**62)
        return np.asarray((number[:, None] == number[None, :]) & (number >= 0)[:, None], dtype=np.float64)
    member = checks.booleans(array, "jobs", (n, None)).astype(np.float64)
    return np.asarray(member @ member.T > 0.0, dtype=np.float64)


def _gains(similarity: Array) -> Array:
    """Give ``gain[i, j]``, the worth of a stage over i..j-1 as (n + 1, n + 1); -inf where it would be empty."""
    n = similarity.shape[0]
    pairs = similarity[np.triu_indices(n, 1)]
    threshold = float(pairs.mean() + _SPREAD * pairs.std()) if pairs.size else 0.0
    upper = np.zeros((n + 1, n + 1))
    upper[1:, 1:] = np.triu(similarity - threshold, 1)
    block = upper.cumsum(axis=0).cumsum(axis=1)
    corner = np.diagonal(block)
    gain = corner[None, :] - block - block.T + corner[:, None]
    return np.where(np.triu(np.ones((n + 1, n + 1), dtype=np.bool_), 1), gain, -np.inf)
