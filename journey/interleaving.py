"""How far marketing, sales and partners work together in the same stages, and not one after the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array


@dataclass(frozen=True, slots=True, eq=False)
class Interleaving:
    """How mixed our work is.

    Attributes
    ----------
    stages : ndarray of float64, shape (K,)
        In [0, 1]: 0 where one function does all that we do in a stage, 1 where all functions that work in the process
        do equally much of it. NaN where nothing of ours is in a stage.
    whole : float
        In [0, 1]: 0 where each stage is one function's, so that the customer is handed over from one to the next; 1
        where every stage has the mixture of the whole. NaN where nothing is ours; 0 where one function does it all.
    """

    stages: Array
    whole: float


def interleaving(counts: npt.ArrayLike) -> Interleaving:
    """Say how far our functions work in the same stages.

    Parameters
    ----------
    counts : array_like of float, shape (K, F)
        How many activities of each of F functions each of K stages holds; at least 0.

    Returns
    -------
    Interleaving

    Raises
    ------
    ValueError
        For NaN, infinity, a negative count, another number of axes, or no stage or no function.

    Notes
    -----
    With D the chance that two activities drawn with replacement belong to different functions (Simpson's diversity), a
    stage's figure is its D over the most that F functions allow, ``1 - 1 / F``, F being those that do anything at all.
    The whole's is the mean of the stages' D, weighted by their activities, over the D of all activities together: one
    less the relative diversity index of segregation. D is concave, so it lies in [0, 1]. O(K F).

    References
    ----------
    .. [1] E. H. Simpson, "Measurement of diversity", Nature 163 (1949).
    .. [2] S. F. Reardon, G. Firebaugh, "Measures of multigroup segregation", Sociological Methodology 32 (2002).

    Examples
    --------
    >>> handed_over = interleaving([[2, 0], [0, 3]])
    >>> handed_over.stages.tolist(), handed_over.whole
    ([0.0, 0.0], 0.0)
    >>> together = interleaving([[1, 1], [2, 2], [0, 0]])
    >>> together.stages.tolist(), together.whole
    ([1.0, 1.0, nan], 1.0)
    """
    held = checks.floats(counts, "counts", (None, None), low=0.0)
    if 0 in held.shape:
        raise ValueError("counts must have at least one stage and one function.")
    at_work = held[:, held.sum(axis=0) > 0.0]
    activities = held.sum(axis=1)
    mixed = _diversity(at_work, activities)
    functions = at_work.shape[1]
    if functions == 0:
        return Interleaving(np.full(held.shape[0], np.nan), float("nan"))
    if functions == 1:
        return Interleaving(np.where(activities > 0.0, 0.0, np.nan), 0.0)
    whole = _diversity(at_work.sum(axis=0)[None, :], activities.sum()[None])[0]
    within = float(np.nansum(mixed * activities) / activities.sum())
    return Interleaving(np.clip(mixed / (1.0 - 1.0 / functions), 0.0, 1.0), float(np.clip(within / whole, 0.0, 1.0)))


def _diversity(counts: Array, totals: Array) -> Array:
    shares = np.divide(counts, totals[:, None], out=np.zeros_like(counts), where=totals[:, None] > 0.0)
    return np.where(totals > 0.0, 1.0 - (shares**2).sum(axis=1), np.nan)
