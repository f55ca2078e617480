"""How sure the model is: what remains of it when the interviews are drawn anew, and whether more would tell more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from journey import checks, order, settling, stages, tallies, transitions
from journey.checks import Array, IntArray, Sequences
from journey.derivation import cut
from journey.settling import Heard
from journey.tallies import Tally

DISSOLVED, STABLE = 0.6, 0.75  # mean Jaccard overlap under which a stage has dissolved, over which it is stable
_QUANTILES = (0.05, 0.95)  # a 90% interval
_NOTABLE = 0.05  # transitions above this share carry an interval


@dataclass(frozen=True, slots=True, eq=False)
class Interviews:
    """What a derivation starts from; see `journey.derivation.derive` for shapes and ranges.

    Attributes
    ----------
    sequences : sequence of sequences of int
    jobs : array_like, shape (n,) of int or (n, questions) of bool
    meaning : array_like of float, shape (n, n)
    outcomes : sequence of {"won", "lost", "no_decision", None}
    weights : array_like of float, shape (interviews,), optional
    """

    sequences: Sequences
    jobs: npt.ArrayLike
    meaning: npt.ArrayLike
    outcomes: Sequence[str | None]
    weights: npt.ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class TransitionInterval:
    """A transition above 5% and how far it may be off.

    Attributes
    ----------
    stage : int
        Where customers come from, 0..K-1.
    target : int
        Where they go: a stage 0..K-1, or K won, K + 1 lost, K + 2 no decision.
    share : float
        As fitted to all interviews, in (0.05, 1].
    low, high : float
        The 90% interval.
    """

    stage: int
    target: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """How much of the model the choice of interviews decides.

    Attributes
    ----------
    jaccard : ndarray of float64, shape (K,)
        In [0, 1]: mean overlap of each stage with the best matching stage of each resample. Under `DISSOLVED` the stage
        is an accident of the sample, over `STABLE` it can be relied on.
    cyclic_share : (float, float)
        The 90% interval of the cyclic share.
    transitions : tuple of TransitionInterval
        By stage, then target.
    resamples : int
        How often the interviews were drawn.
    """

    jaccard: Array
    cyclic_share: tuple[float, float]
    transitions: tuple[TransitionInterval, ...]
    resamples: int


@dataclass(frozen=True, slots=True, eq=False)
class Saturation:
    """Whether further interviews would tell anything new.

    Attributes
    ----------
    interviews : int
        Those there are.
    distinct : int
        Activities that they tell.
    told_once : int
        Activities that one interview alone tells, f1.
    expected_new : float or None
        New activities that one further interview is expected to bring, ``f1 / interviews``; None without interviews.
    curve : ndarray of float64, shape (interviews,)
        ``curve[i]``: distinct activities after i + 1 interviews, the mean over random orders.
    low, high : ndarray of float64, shape (interviews,)
        Between which nine of ten of those orders are; they meet the curve where all interviews are told.
    """

    interviews: int
    distinct: int
    told_once: int
    expected_new: float | None
    curve: Array
    low: Array
    high: Array


def bootstrap(
    interviews: Interviews,
    home: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    n_stages: int | None = None,
    count: int | None = None,
    further: npt.ArrayLike | None = None,
    alpha: float = 2.0,
    resamples: int = 200,
) -> Stability:
    """Draw the interviews anew, with replacement, and derive the process again each time.

    Parameters
    ----------
    interviews : Interviews
        What `journey.derivation.derive` was given.
    home : array_like of int, shape (n,)
        The fitted stage 0..K-1 of each activity.
    rng : numpy.random.Generator
        Seed it, and the same interviews give the same figures.
    n_stages : int, optional
        K, where stages without activities follow the last in `home`.
    count : int, optional
        The number of stages, if it was fixed; it is then fixed in the resamples too.
    further : array_like of float, shape (K, K + 3), optional
        Moves from elsewhere, as for `journey.transitions.fit`; they join each resample as they are, undrawn.
    alpha : float, optional
        As for `journey.transitions.fit`.
    resamples : int, optional
        At least 1.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        Without interviews, and as `journey.derivation.derive` does.

    Notes
    -----
    In a resample only the activities that it tells are ordered and cut into stages, and overlaps are taken over those;
    a stage of which it tells nothing overlaps by 0. Transitions are counted between the fitted stages. Every count is
    linear in the weights, so the interviews are read once: O(sum of squared lengths + resamples (pairs + n^3)).

    References
    ----------
    .. [1] C. Hennig, "Cluster-wise assessment of cluster stability", Computational Statistics & Data Analysis 52
       (2007).
    .. [2] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.

    Examples
    --------
    >>> near = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    >>> told = Interviews([[0, 1, 2, 3], [1, 0, 3, 2], [0, 1, 3, 2]] * 2, [0, 0, 1, 1], near, ["won"] * 6)
    >>> sure = bootstrap(told, [0, 0, 1, 1], np.random.default_rng(1), resamples=20)
    >>> sure.jaccard.tolist(), sure.transitions[0].share
    ([0.85, 0.95], 0.4928571428571429)
    """
    stage = checks.integers(home, "home", stop=2**31)
    k = checks.count(int(stage.max(initial=0)) + 1 if n_stages is None else n_stages, "n_stages")
    stage, n = checks.integers(stage, "home", stop=k), stage.size
    flat, offsets = checks.ragged(interviews.sequences, "sequences", stop=n)
    weight = checks.interview_weights(interviews.weights, offsets.size - 1)
    transitions.check_outcomes(interviews.outcomes, weight.size)
    if weight.size == 0:
        raise ValueError("There must be at least one interview to draw from.")
    draws = checks.count(resamples, "resamples")
    drawn = rng.multinomial(weight.size, np.full(weight.size, 1.0 / weight.size), size=draws) * weight
    related = stages.similarity(interviews.jobs, interviews.meaning, np.zeros((n, n)))
    first, follows = tallies.precedences(flat, offsets, n), tallies.followings(flat, offsets, n)
    told = tallies.tellings(flat, offsets, n)
    again = _Again(
        related,
        follows,
        tallies.moves(flat, offsets, [None] * weight.size, n),
        tallies.moments(flat, offsets, n),
        settling.heard(np.zeros((n, n)), np.zeros(n), interviews.jobs, interviews.meaning),
    )
    overlap, cyclic = np.empty((draws, k)), np.empty(draws)
    for draw, given in enumerate(drawn):
        line = order.potentials(first.total(given))
        known = np.flatnonzero(told.total(given) > 0.0)
        cyclic[draw] = line.cyclic_share
        overlap[draw] = _best_overlaps(stage[known], _stages_again(line.values[known], again, given, known, count), k)
    low, high = np.quantile(cyclic, _QUANTILES)
    moves = tallies.moves(stage[flat], offsets, interviews.outcomes, k)
    more = np.zeros(moves.shape) if further is None else checks.floats(further, "further", moves.shape, low=0.0)
    intervals = _intervals(moves, weight, drawn, more, alpha)
    return Stability(overlap.mean(axis=0), (float(low), float(high)), intervals, draws)


def saturation(sequences: Sequences, rng: np.random.Generator, *, orders: int = 200) -> Saturation:
    """Say how many new activities a further interview is expected to tell, and how the known ones accumulated.

    Parameters
    ----------
    sequences : sequence of sequences of int
        For each interview its activities, from 0 up; returns count once.
    rng : numpy.random.Generator
        Draws the orders of the curve; seed it, and the same interviews give the same curve.
    orders : int, optional
        How many random orders the curve averages, at least 1.

    Returns
    -------
    Saturation

    Raises
    ------
    ValueError
        For an activity below 0 or not whole, or no order.

    Notes
    -----
    O(orders (interviews log orders + tellings)), and orders times interviews in memory. An activity appears in an
    order with the first interview that tells it; the estimate is Good's, for the chance that a further draw shows
    something unseen.

    References
    ----------
    .. [1] I. J. Good, "The population frequencies of species and the estimation of population parameters",
       Biometrika 40 (1953).
    .. [2] R. K. Colwell, A. Chao et al., "Models and estimators linking individual-based and sample-based rarefaction,
       extrapolation and comparison of assemblages", Journal of Plant Ecology 5 (2012).

    Examples
    --------
    >>> heard = saturation([[0, 1], [0, 1, 2], [0]], np.random.default_rng(1))
    >>> heard.distinct, heard.told_once, round(heard.expected_new, 4)
    (3, 1, 0.3333)
    >>> heard.curve.round(1).tolist(), heard.low.tolist(), heard.high.tolist()
    ([2.0, 2.6, 3.0], [1.0, 2.0, 3.0], [3.0, 3.0, 3.0])
    """
    draws = checks.count(orders, "orders")
    flat, offsets = checks.ragged(sequences, "sequences", stop=2**31)
    size = offsets.size - 1
    if size == 0:
        return Saturation(0, 0, 0, None, np.zeros(0), np.zeros(0), np.zeros(0))
    known, number = np.unique(flat, return_inverse=True)
    told = tallies.tellings(number.astype(np.int64), offsets, max(known.size, 1))
    by_activity = np.argsort(told.cell, kind="stable")
    telling = told.interview[by_activity]
    times = np.bincount(told.cell, minlength=known.size)
    begin = np.cumsum(times) - times
    arrivals = np.zeros((draws, size))
    for draw in range(draws):
        place = rng.permutation(size)
        if known.size:
            arrivals[draw] = np.bincount(np.minimum.reduceat(place[telling], begin), minlength=size)
    courses = np.cumsum(arrivals, axis=1)
    low, high = np.quantile(courses, _QUANTILES, axis=0)
    once = int((times == 1).sum())
    return Saturation(size, int(known.size), once, once / size, courses.mean(axis=0), low, high)


@dataclass(frozen=True, slots=True, eq=False)
class _Again:
    """What every resample counts anew, and what is the same in all of them."""

    related: Array
    follows: Tally
    moves: Tally
    moments: Tally
    asked: Heard


def _stages_again(values: Array, again: _Again, given: Array, known: IntArray, count: int | None) -> IntArray:
    """Give the stage of each known activity in a resample."""
    if known.size == 0:
        return known
    inside = np.ix_(known, known)
    near = again.related[inside] + stages.closeness(again.follows.total(given)[inside]) / 3.0
    share = given * settling.scale(float(given.sum()))
    moves = again.moves.total(share)[:, : again.related.shape[0]]
    told = settling.among(replace(again.asked, moves=moves, moments=again.moments.total(share)), known)
    return cut(values, near, told, None if count is None else min(count, known.size))[1]


def _best_overlaps(fitted: IntArray, again: IntArray, n_stages: int) -> Array:
    """Give the best Jaccard overlap of each fitted stage with a stage of the resample, (K,)."""
    if fitted.size == 0:
        return np.zeros(n_stages)
    width = int(again.max()) + 1
    shared = np.bincount(fitted * width + again, minlength=n_stages * width).reshape(n_stages, width)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.asarray((shared / either).max(axis=1))


def _intervals(
    moves: Tally, weight: Array, drawn: Array, further: Array, alpha: float
) -> tuple[TransitionInterval, ...]:
    share = transitions.smooth(moves.total(weight) + further, alpha)
    again = transitions.smooth(np.stack([moves.total(given) for given in drawn]) + further, alpha)
    low, high = np.quantile(again, _QUANTILES, axis=0)
    return tuple(
        TransitionInterval(int(s), int(t), float(share[s, t]), float(low[s, t]), float(high[s, t]))
        for s, t in np.argwhere(share > _NOTABLE)
    )
