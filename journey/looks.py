"""Purchases as they stood on their way: each is looked at several times, knowing nothing of what came after."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, BoolArray, IntArray

LOOKS_AT_MOST = 12  # at one purchase
PAUSES = (0.0, 1.0, 2.0, 4.0)  # half-lives of silence after which a purchase is looked at again


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Purchases as they stand at one moment each, their signals end to end in order of time.

    Attributes
    ----------
    signals : ndarray of int64, shape (m,)
    words : ndarray of float64, shape (m,)
        Whose word each is, in [0, 1].
    moments : ndarray of float64, shape (m,)
        Days from the opening to each signal; negative for what was seen before.
    offsets : ndarray of int64, shape (deals + 1,)
    age : ndarray of float64, shape (deals,)
        Days that each has been open, at least 0.
    settled : ndarray of float64, shape (deals,)
        The share of the exit evidence that is settled.
    """

    signals: IntArray
    words: Array
    moments: Array
    offsets: IntArray
    age: Array
    settled: Array


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """Purchases that ended, in the order of their ends: `paths` up to the end, how, and when evidence was settled.

    Attributes
    ----------
    paths : Paths
        `age` is the day of the end; `settled` is not read.
    outcomes : ndarray of int64, shape (deals,)
        0 won, 1 lost, 2 no decision.
    evidence : ndarray of float64, shape (e,)
        The days on which each purchase's evidence was settled, end to end.
    evidence_offsets : ndarray of int64, shape (deals + 1,)
    n_evidence : int
        How much exit evidence the version asks for.
    """

    paths: Paths
    outcomes: IntArray
    evidence: Array
    evidence_offsets: IntArray
    n_evidence: int


def looks(ended: Ended, half_life_days: float) -> tuple[IntArray, Paths]:
    """Look at ended purchases as they stood on their way, knowing nothing of what came after.

    Parameters
    ----------
    ended : Ended
    half_life_days : float
        Above 0.

    Returns
    -------
    owner : ndarray of int64, shape (looks,)
        Whose look each is.
    paths : Paths
        Each purchase right after each of its signals, and again after 1, 2 and 4 half-lives of silence, as long as it
        had not ended; at most 12 looks at each, evenly thinned.

    Raises
    ------
    ValueError
        For offsets that do not fit or a half-life that is not above 0.

    Notes
    -----
    O(looks times length). What a look shows depends on what came before it only.

    References
    ----------
    .. [1] H. van Houwelingen, "Dynamic prediction by landmarking in event history analysis", Scandinavian Journal of
       Statistics 34 (2007).

    Examples
    --------
    >>> days, two = np.array([0.0, 30.0]), np.array([0, 2])
    >>> path = Paths(np.array([0, 1]), np.ones(2), days, two, age=np.array([33.0]), settled=np.zeros(1))
    >>> ended = Ended(path, np.array([0]), np.zeros(0), np.array([0, 0]), n_evidence=0)
    >>> owner, seen = looks(ended, 21.0)
    >>> seen.age.tolist(), np.diff(seen.offsets).tolist()
    ([0.0, 21.0, 30.0], [1, 1, 2])
    """
    whole = ended.paths
    checks.bounds(whole.offsets, whole.signals.size)
    pause = checks.number(half_life_days, "half_life_days") * np.array(PAUSES)
    owner = np.repeat(np.arange(whole.offsets.size - 1), np.diff(whole.offsets))
    until = np.append(whole.moments[1:], 0.0)
    last = whole.offsets[1:][np.diff(whole.offsets) > 0] - 1
    until[last] = whole.age[owner[last]]
    day = whole.moments[:, None] + pause
    signal, which = np.nonzero((day < until[:, None]) | (pause == 0.0))
    kept = _thinned(owner[signal])
    signal, day = signal[kept], day[signal, which][kept]
    whose = owner[signal]
    lengths = signal - whole.offsets[whose] + 1
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    index = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - whole.offsets[whose], lengths)
    age = np.maximum(day, 0.0)
    cut = Paths(
        signals=whole.signals[index],
        words=whole.words[index],
        moments=whole.moments[index],
        offsets=offsets,
        age=age,
        settled=_settled(ended, whose, day),
    )
    return whose, cut


def longest_silence(moments: npt.ArrayLike, offsets: npt.ArrayLike, age: npt.ArrayLike) -> Array:
    """Give the longest time in days that passed between one signal and the next, or since the last.

    Parameters
    ----------
    moments, offsets, age
        As `Paths` has them.

    Returns
    -------
    ndarray of float64, shape (deals,)
        At least 0; without signals the days open.

    Raises
    ------
    ValueError
        For NaN, negative ages, or offsets that do not fit.

    Notes
    -----
    O(m + deals).

    Examples
    --------
    >>> longest_silence([1.0, 6.0], [0, 2, 2], [8.0, 3.0]).tolist()
    [5.0, 3.0]
    """
    day = checks.floats(moments, "moments", (None,))
    edge = checks.bounds(offsets, day.size)
    until = checks.floats(age, "age", (edge.size - 1,), low=0.0)
    owner = np.repeat(np.arange(edge.size - 1), np.diff(edge))
    longest = np.zeros(edge.size - 1)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    np.maximum.at(longest, owner[inner], day[inner + 1] - day[inner])
    some = np.diff(edge) > 0
    last = np.zeros(edge.size - 1)
    last[some] = day[edge[1:][some] - 1]
    return np.asarray(np.maximum(longest, until - last))


def _thinned(owner: IntArray) -> BoolArray:
    """Keep at most `LOOKS_AT_MOST` looks of each owner, evenly, the last always; owners stand in order."""
    counts = np.bincount(owner)
    rank = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    count = counts[owner]
    most = np.minimum(count, LOOKS_AT_MOST)
    return np.asarray((rank + 1) * most // count > rank * most // count)


def _settled(ended: Ended, owner: IntArray, day: Array) -> Array:
    """Give the share of evidence that was settled by each look's day."""
    if ended.n_evidence == 0:
        return np.zeros(owner.size)
    whose = np.repeat(np.arange(ended.evidence_offsets.size - 1), np.diff(ended.evidence_offsets))
    count = np.zeros(owner.size)
    by_owner = np.argsort(whose, kind="stable")
    first = np.searchsorted(whose, owner, side="left")
    stop = np.searchsorted(whose, owner, side="right")
    days = ended.evidence[by_owner]
    for step in range(int((stop - first).max(initial=0))):
        at = first + step
        there = at < stop
        count[there] += days[at[there]] <= day[there]
    return count / ended.n_evidence
