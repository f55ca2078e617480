"""Which stages make it likeliest that customers told what they told: a cut, settled one activity at a time."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from journey import checks, transitions
from journey.checks import Array, IntArray
from journey.gamma import log_gamma

_GAIN = 1e-7  # a step that gains less differs by rounding alone
_NEW_STAGE = float(np.log(100.0))  # how much likelier a parting has to make it: Jeffreys calls a hundred times decisive
_INTERVIEWS = 6.0  # more interviews make the counts surer, not heavier
_MEANING = 2.0  # what a cosine above the mean is worth, in natural logarithms


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What was told, activity by activity.

    Attributes
    ----------
    moves : ndarray of float64, shape (n, n)
        Weighted moves from each activity to the activity told next, times `scale`.
    moments : ndarray of float64, shape (n,)
        Weighted moments of each activity, returns included, times `scale`.
    questions : ndarray of float64, shape (n, q)
        Under which buying question each activity was told; a row sums to 1, or to 0 where none is known.
    kinship : ndarray of float64, shape (n, n)
        Symmetric, with a diagonal of 0: what it is worth that two activities share a stage, below 0 where it costs.
    """

    moves: Array
    moments: Array
    questions: Array
    kinship: Array


def scale(interviews: float) -> float:
    """Say by how much counts are brought down before they are looked at.

    Parameters
    ----------
    interviews : float
        How many there are, by weight; at least 0.

    Returns
    -------
    float
        In (0, 1]: 1 for up to six interviews, then six by their number.

    Raises
    ------
    ValueError
        For a number below 0 or NaN.

    Notes
    -----
    O(1). The likelihood takes moments for independent draws, which those of one visit to a stage are not: most
    customers tell an activity once and go on. Unscaled, many interviews would make a stage of every habit of order.

    References
    ----------
    .. [1] P. Grünwald, "The safe Bayesian", Algorithmic Learning Theory (2012), on likelihoods raised to a power.

    Examples
    --------
    >>> scale(3), scale(12)
    (1.0, 0.5)
    """
    count = float(checks.floats(interviews, "interviews", (), low=0.0))
    return min(1.0, _INTERVIEWS / count) if count > 0.0 else 1.0


def heard(moves: npt.ArrayLike, moments: npt.ArrayLike, jobs: npt.ArrayLike, meaning: npt.ArrayLike) -> Heard:
    """Bring together what `settle` looks at.

    Parameters
    ----------
    moves : array_like of float, shape (n, n)
        As `Heard` has them.
    moments : array_like of float, shape (n,)
        As `Heard` has them.
    jobs : array_like, shape (n,) of int or (n, questions) of bool
        The buying question under which each activity is told (below 0: none), or which of several.
    meaning : array_like of float, shape (n, n)
        Cosines of the activities' embeddings; below 0 counts as 0.

    Returns
    -------
    Heard
        Its kinship is twice the cosine less the mean cosine of all pairs, so that meaning that tells nothing apart
        counts for nothing.

    Raises
    ------
    ValueError
        For NaN, counts below 0, or shapes that do not fit each other.

    Notes
    -----
    O(n^2).

    Examples
    --------
    >>> told = heard([[0, 1], [0, 0]], [1, 1], [0, -1], [[1, 0.5], [0.5, 1]])
    >>> told.questions.tolist(), told.kinship.tolist()
    ([[1.0], [0.0]], [[0.0, 0.0], [0.0, 0.0]])
    """
    counts = checks.floats(moments, "moments", (None,), low=0.0)
    n = counts.size
    table = checks.floats(moves, "moves", (n, n), low=0.0)
    cosine = np.clip(checks.floats(meaning, "meaning", (n, n)), 0.0, 1.0)
    return Heard(table, counts, _questions(jobs, n), _centred(_MEANING * cosine))


def among(told: Heard, known: npt.ArrayLike) -> Heard:
    """Give what was told of some of the activities, as if there were no others.

    Parameters
    ----------
    told : Heard
        As `heard` gives it.
    known : array_like of int, shape (m,)
        The activities that stay, each once.

    Returns
    -------
    Heard
        Over m activities, in the order of `known`.

    Raises
    ------
    ValueError
        For an activity out of range.

    Notes
    -----
    O(m^2 + m questions).

    Examples
    --------
    >>> told = heard([[0, 1], [0, 0]], [1, 1], [0, 1], [[1, 0.5], [0.5, 1]])
    >>> among(told, [1]).questions.tolist()
    [[1.0]]
    """
    activity = checks.integers(known, "known", stop=told.moments.size)
    inside = np.ix_(activity, activity)
    questions = told.questions[activity]
    return Heard(
        told.moves[inside],
        told.moments[activity],
        questions[:, questions.any(axis=0)],
        _centred(told.kinship[inside]),
    )


def log_likelihood(told: Heard, home: npt.ArrayLike, n_stages: int, *, alpha: float = 2.0) -> float:
    """Say how likely what was told is under these stages, up to a constant; the larger, the likelier.

    Parameters
    ----------
    told : Heard
        As `heard` gives it.
    home : array_like of int, shape (n,)
        The stage 0..K-1 of each activity.
    n_stages : int
        K.
    alpha : float, optional
        As for `journey.transitions.fit`.

    Returns
    -------
    float
        In natural logarithms, the sum of four: moves between stages under the prior of `journey.transitions.prior`,
        the purchase still being open (Dirichlet of weight `alpha`); which of its activities a stage shows, each as
        likely before anything was told (Dirichlet of weight 1 an activity, the "told + 1" of
        `journey.signals.emissions`); under which question a stage's activities were told (Dirichlet of weight 1 in
        all); kinship of the activities that share a stage.

    Raises
    ------
    ValueError
        For a stage out of range or an alpha that is not above 0.

    Notes
    -----
    O(n^2 K). All shares are integrated out, so that a further stage has to earn its place.

    References
    ----------
    .. [1] D. J. C. MacKay, L. C. B. Peto, "A hierarchical Dirichlet language model", Natural Language Engineering 1
       (1995).
    .. [2] P. F. Brown et al., "Class-based n-gram models of natural language", Computational Linguistics 18 (1992).

    Examples
    --------
    >>> moves = [[0, 5, 0, 0], [5, 0, 1, 0], [0, 0, 0, 5], [0, 0, 5, 0]]
    >>> told = heard(moves, [5] * 4, [0, 0, 1, 1], np.zeros((4, 4)))
    >>> log_likelihood(told, [0, 0, 1, 1], 2) > log_likelihood(told, [0, 1, 1, 1], 2)
    True
    """
    k = checks.count(n_stages, "n_stages")
    stage = checks.integers(home, "home", size=told.moments.size, stop=k)
    return float(_worth(_tables(told, stage[None], k), checks.number(alpha, "alpha"))[0])


def settle(
    told: Heard, home: npt.ArrayLike, ranked: npt.ArrayLike, *, fixed: bool = False, alpha: float = 2.0
) -> IntArray:
    """Move activities between neighbouring stages, join stages and part them, while that makes what was told likelier.

    Parameters
    ----------
    told : Heard
        As `heard` gives it.
    home : array_like of int, shape (n,)
        The stage 0..K-1 of each activity to begin with, each stage with an activity.
    ranked : array_like of int, shape (n,)
        Activities, earliest first: a stage is parted along this order.
    fixed : bool, optional
        Keep the number of stages.
    alpha : float, optional
        As for `journey.transitions.fit`.

    Returns
    -------
    ndarray of int64, shape (n,)
        The stage 0..K'-1 of each activity, each stage with an activity. Stages keep their order.

    Raises
    ------
    ValueError
        If a stage is without an activity, `ranked` does not name every activity once, or alpha is not above 0.

    Notes
    -----
    Steepest ascent on `log_likelihood`: single activities first, then a join or a parting; the first on ties. A parting
    has to make it a hundred times likelier. A step costs O(n K (K + questions)), a round of joins and partings
    O(n^3 K). The likelihood only rises, so it ends.

    Examples
    --------
    >>> moves = [[0, 5, 0, 0], [5, 0, 1, 0], [0, 0, 0, 5], [0, 0, 5, 0]]
    >>> told = heard(moves, [5] * 4, [0, 0, 1, 1], np.zeros((4, 4)))
    >>> settle(told, [0, 1, 1, 1], [0, 1, 2, 3]).tolist()
    [0, 0, 1, 1]
    """
    n = told.moments.size
    strength = checks.number(alpha, "alpha")
    stage = checks.integers(home, "home", size=n, stop=max(n, 1)).copy()
    place = checks.integers(ranked, "ranked", size=n, stop=max(n, 1))
    if n == 0 or np.unique(place).size != n or np.unique(stage).size != int(stage.max()) + 1:
        raise ValueError("Every stage must hold an activity, and ranked must name every activity once.")
    best = log_likelihood(told, stage, int(stage.max()) + 1, alpha=strength)
    while True:
        moved, worth = _move(told, stage, strength)
        if worth <= best + _GAIN and not fixed:
            moved, worth = _join_or_part(told, stage, place, strength)
        if worth <= best + _GAIN:
            return stage
        stage, best = moved, log_likelihood(told, moved, int(moved.max()) + 1, alpha=strength)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """What the likelihood of B ways to cut is made of, each over K stages."""

    moves: Array  # (B, K, K)
    moments: Array  # (B, K)
    sizes: Array  # (B, K)
    questions: Array  # (B, K, q)
    kinship: Array  # (B,)


def _tables(told: Heard, ways: IntArray, k: int) -> _Tables:
    """Count for several ways to cut at once, (B, n)."""
    member = np.eye(k)[ways]
    by_stage = member.transpose(0, 2, 1)
    return _Tables(
        by_stage @ told.moves @ member,
        by_stage @ told.moments,
        member.sum(axis=1),
        by_stage @ told.questions,
        0.5 * ((told.kinship @ member) * member).sum(axis=(1, 2)),
    )


@lru_cache(maxsize=64)
def _expected(k: int, alpha: float) -> tuple[Array, float]:
    """Give the prior of the moves between k stages, and the part of the likelihood that it alone decides."""
    expected = alpha * transitions.open_matrix(transitions.prior(k))
    expected.flags.writeable = False
    return expected, k * float(log_gamma(np.array(alpha))) - float(log_gamma(expected).sum())


def _worth(tables: _Tables, alpha: float) -> Array:
    """Give the logarithm of each cut's likelihood, (B,)."""
    expected, before = _expected(tables.moves.shape[1], alpha)
    flow = before + log_gamma(tables.moves + expected).sum(axis=(1, 2))
    flow -= log_gamma(tables.moves.sum(axis=2) + alpha).sum(axis=1)
    shown = (log_gamma(tables.sizes) - log_gamma(tables.moments + tables.sizes)).sum(axis=1)
    share = 1.0 / max(tables.questions.shape[2], 1)
    asked = (log_gamma(tables.questions + share) - log_gamma(np.array(share))).sum(axis=(1, 2))
    asked -= log_gamma(tables.questions.sum(axis=2) + 1.0).sum(axis=1)
    return np.asarray(flow + shown + asked + tables.kinship)


def _move(told: Heard, stage: IntArray, alpha: float) -> tuple[IntArray, float]:
    """Give the best cut that differs by one activity in a stage beside, and its worth."""
    k = int(stage.max()) + 1
    here = _tables(told, stage[None], k)
    who = np.concatenate([np.flatnonzero(stage < k - 1), np.flatnonzero(stage > 0)])
    to = np.concatenate([stage[stage < k - 1] + 1, stage[stage > 0] - 1])
    many = here.sizes[0, stage[who]] > 1.0
    who, to = who[many], to[many]
    if who.size == 0:
        return stage, -np.inf
    away, row = stage[who], np.arange(who.size)
    member = np.eye(k)[stage]
    alone = told.moves[who, who]
    leaving = told.moves[who] @ member
    arriving = told.moves[:, who].T @ member
    arriving[row, away] -= alone
    arriving[row, to] += alone
    moves = np.repeat(here.moves, who.size, axis=0)
    moves[row, away] -= leaving
    moves[row, to] += leaving
    moves[row, :, away] -= arriving
    moves[row, :, to] += arriving
    moments, sizes = np.repeat(here.moments, who.size, axis=0), np.repeat(here.sizes, who.size, axis=0)
    questions = np.repeat(here.questions, who.size, axis=0)
    for table, given in ((moments, told.moments[who]), (sizes, np.ones(who.size)), (questions, told.questions[who])):
        table[row, away] -= given
        table[row, to] += given
    near = told.kinship[who] @ member
    worth = _worth(
        _Tables(
            np.maximum(moves, 0.0),
            np.maximum(moments, 0.0),
            sizes,
            np.maximum(questions, 0.0),
            here.kinship + near[row, to] - near[row, away],
        ),
        alpha,
    )
    best = int(np.argmax(worth))
    moved = stage.copy()
    moved[who[best]] = to[best]
    return moved, float(worth[best])


def _join_or_part(told: Heard, stage: IntArray, ranked: IntArray, alpha: float) -> tuple[IntArray, float]:
    """Give the best cut that joins two neighbours or parts a stage, and its worth less a parting's price."""
    k = int(stage.max()) + 1
    joined = [np.where(stage > first, stage - 1, stage) for first in range(k - 1)]
    parted = []
    for which in range(k):
        inside = ranked[stage[ranked] == which]
        for cut in range(1, inside.size):
            way = np.where(stage > which, stage + 1, stage)
            way[inside[cut:]] = which + 1
            parted.append(way)
    best, worth = stage, -np.inf
    for ways, count, price in ((joined, k - 1, 0.0), (parted, k + 1, _NEW_STAGE)):
        if not ways:
            continue
        worths = _worth(_tables(told, np.array(ways), count), alpha) - price
        top = int(np.argmax(worths))
        if worths[top] > worth + _GAIN:
            best, worth = ways[top], float(worths[top])
    return best, worth


def _questions(jobs: npt.ArrayLike, n: int) -> Array:
    array = np.asarray(jobs)
    if array.ndim == 1:
        number = checks.integers(array, "jobs", size=n, low=-(2**62), stop=2**62)
        known = np.unique(number[number >= 0])
        return np.asarray(number[:, None] == known[None, :], dtype=np.float64)
    member = checks.booleans(array, "jobs", (n, None)).astype(np.float64)
    member = member[:, member.any(axis=0)]
    return np.asarray(member / np.maximum(member.sum(axis=1, keepdims=True), 1.0))


def _centred(kinship: Array) -> Array:
    pairs = kinship[np.triu_indices(kinship.shape[0], 1)]
    centred = kinship - (pairs.mean() if pairs.size else 0.0)
    np.fill_diagonal(centred, 0.0)
    return np.asarray(centred)
