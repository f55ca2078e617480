"""Where a buyer is: a probability over the stages, filtered from the customer's own signals, not our stage log."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, IntArray
from journey.rows import forward, sums
from journey.transitions import open_matrix

_CHUNK = 3000  # deals whose working arrays stay in the processor's cache together
_BLOCK = 1 << 16  # signals that are looked up together
_MOST_WORDS = 64  # distinct words for which a table of powers is worth its memory
_LEAST_EMISSION = 1e-200
_LOG_BUDGET = 500.0  # a distribution may shrink to e^-500 before it is brought back to a sum of 1
_SHORT = 1 << 16  # lengths below this sort by radix


def locate(
    signals: npt.ArrayLike,
    words: npt.ArrayLike,
    matrix: npt.ArrayLike,
    emissions: npt.ArrayLike,
    start: npt.ArrayLike,
    *,
    silence_days: float = 0.0,
    half_life_days: float = 21.0,
) -> Array:
    """Filter one buyer's signals into a probability over the stages.

    Parameters
    ----------
    signals : array_like of int, shape (m,)
        Activities 0..n-1 that were seen, in order of time. May be empty.
    words : array_like of float, shape (m,)
        Whose word each is, in [0, 1]: its likelihood is raised to this power, so that 0 says nothing but that a moment
        passed.
    matrix : array_like of float, shape (K, K + 3) or (K, K)
        Transitions; the outcomes are left aside, for the deal is still open.
    emissions : array_like of float, shape (K, n)
        Above 0.
    start : array_like of float, shape (K,)
        Where customers start. Sums to 1.
    silence_days : float, optional
        Days since the last signal, at least 0.
    half_life_days : float, optional
        Above 0: after so many days of silence it is as likely as not that the buyer moved on by one moment.

    Returns
    -------
    ndarray of float64, shape (K,)
        Sums to 1. Without a signal it is `start`, aged by the silence.

    Raises
    ------
    ValueError
        For NaN, an activity or word out of range, an emission of 0, or shapes that do not fit each other.

    Notes
    -----
    O(m K^2). The forward algorithm; brought to a sum of 1 after each signal, so that no length underflows.

    References
    ----------
    .. [1] L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition",
       Proceedings of the IEEE 77 (1989).

    Examples
    --------
    >>> matrix = [[0.3, 0.4, 0.1, 0.1, 0.1], [0.2, 0.4, 0.2, 0.1, 0.1]]
    >>> emissions = [[0.9, 0.1], [0.2, 0.8]]
    >>> locate([0, 1], [1.0, 0.5], matrix, emissions, [0.5, 0.5], silence_days=21).round(4).tolist()
    [0.2751, 0.7249]
    """
    flow, likely, position = _model(matrix, emissions, start)
    seen = checks.integers(signals, "signals", stop=likely.shape[1])
    said = checks.floats(words, "words", (seen.size,), low=0.0, high=1.0)
    silence = checks.floats(silence_days, "silence_days", (), low=0.0, finite=False)
    half_life = checks.number(half_life_days, "half_life_days")
    for moment, (activity, word) in enumerate(zip(seen, said, strict=True)):
        if moment:
            position = position @ flow
        position = position * likely[:, activity] ** word
        position = position / position.sum()
    moved = 1.0 - 2.0 ** (-float(silence) / half_life)
    return np.asarray((1.0 - moved) * position + moved * (position @ flow))


def locate_many(
    signals: npt.ArrayLike,
    words: npt.ArrayLike,
    offsets: npt.ArrayLike,
    matrix: npt.ArrayLike,
    emissions: npt.ArrayLike,
    start: npt.ArrayLike,
    *,
    silence_days: npt.ArrayLike,
    half_life_days: float = 21.0,
) -> Array:
    """Filter the signals of many buyers at once; equal to `locate` deal by deal to 1e-9.

    Parameters
    ----------
    signals : array_like of int, shape (m,)
        The activities of all deals end to end, each deal's in order of time.
    words : array_like of float, shape (m,)
        Whose word each is, in [0, 1].
    offsets : array_like of int, shape (deals + 1,)
        Deal i has ``signals[offsets[i]:offsets[i + 1]]``, which may be none.
    matrix, emissions, start, half_life_days
        As for `locate`.
    silence_days : array_like of float, shape (deals,) or ()
        Days since each deal's last signal, at least 0; one number serves all.

    Returns
    -------
    ndarray of float64, shape (deals, K)
        Rows sum to 1, in the deals' order.

    Raises
    ------
    ValueError
        As `locate` does, and for offsets that do not start at 0, go down, or do not end at m.

    Notes
    -----
    O(m K^2) time, O(m + deals K) memory. Deals run in chunks of equal length that stay in the processor's cache; the
    powers of the emissions are tabulated once for each distinct word; and a chunk is brought to a sum of 1 only as
    often as the smallest emission makes it necessary. Bit for bit, a deal's row is the same whatever deals stand beside
    it (see `journey.rows`).

    References
    ----------
    .. [1] L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition",
       Proceedings of the IEEE 77 (1989).

    Examples
    --------
    >>> matrix = [[0.3, 0.4, 0.1, 0.1, 0.1], [0.2, 0.4, 0.2, 0.1, 0.1]]
    >>> emissions = [[0.9, 0.1], [0.2, 0.8]]
    >>> found = locate_many([0, 1], [1.0, 0.5], [0, 2, 2], matrix, emissions, [0.5, 0.5], silence_days=[21, 0])
    >>> found.round(4).tolist()
    [[0.2751, 0.7249], [0.5, 0.5]]
    """
    flow, likely, begin = _model(matrix, emissions, start)
    seen = checks.integers(signals, "signals", stop=likely.shape[1])
    said = checks.floats(words, "words", (seen.size,), low=0.0, high=1.0)
    edge = checks.bounds(offsets, seen.size)
    silence = checks.floats(
        silence_days, "silence_days", (edge.size - 1,) if np.ndim(silence_days) else (), low=0.0, finite=False
    )
    half_life = checks.number(half_life_days, "half_life_days")
    stay = np.broadcast_to(2.0 ** (-silence / half_life), (edge.size - 1,))
    table, columns = _lookup(seen, said, likely)
    rest = _moments_between_rests(likely)
    lengths = np.diff(edge)
    narrow = lengths.size == 0 or int(lengths.max()) < _SHORT
    by_length = np.argsort(lengths.astype(np.uint16) if narrow else lengths, kind="stable")
    found = np.empty((lengths.size, begin.size))
    for first in range(0, lengths.size, _CHUNK):
        deals = by_length[first : first + _CHUNK]
        position = _filter(_Paths(edge[deals], lengths[deals], columns), table, flow, begin, rest)
        moved = forward(position, flow, np.empty_like(position), np.empty_like(position))
        keep = stay[deals]
        position *= keep
        moved *= 1.0 - keep
        position += moved
        found[deals] = position.T
    return found


def _model(matrix: npt.ArrayLike, emissions: npt.ArrayLike, start: npt.ArrayLike) -> tuple[Array, Array, Array]:
    flow = open_matrix(matrix)
    likely = checks.floats(emissions, "emissions", (flow.shape[0], None), high=1.0 + checks.TOLERANCE)
    if likely.size and float(likely.min()) < _LEAST_EMISSION:
        raise ValueError("Every entry of emissions must be above 0: no signal is impossible in any stage.")
    begin = checks.probabilities(start, "start", flow.shape[0])
    return flow, likely, checks.floats(begin, "start", (flow.shape[0],))


def _lookup(seen: IntArray, said: Array, likely: Array) -> tuple[Array, IntArray]:
    """Give a table (K, rows) of weighted likelihoods, each column's largest 1, and the column of each signal."""
    distinct = _distinct(said)
    n = likely.shape[1]
    log = np.log(likely.T)
    if distinct is None:
        table = log[seen] * said[:, None]
        row = np.arange(seen.size, dtype=np.int64)
    else:
        table = (distinct[:, None, None] * log).reshape(-1, likely.shape[0])
        row = np.empty(seen.size, dtype=np.int64)
        for first in range(0, seen.size, _BLOCK):
            block = slice(first, first + _BLOCK)
            row[block] = seen[block]
            for number in range(1, distinct.size):
                row[block] += (said[block] == distinct[number]) * np.int64(number * n)
    table -= table.max(axis=1, keepdims=True)
    return np.ascontiguousarray(np.exp(table).T), row


def _distinct(said: Array) -> Array | None:
    """Give the distinct words, or None where there are too many of them to tabulate."""
    found: list[float] = []
    for first in range(0, said.size, _BLOCK):
        block = said[first : first + _BLOCK]
        for word in found:
            block = block[block != word]
        found.extend(np.unique(block).tolist())
        if len(found) > _MOST_WORDS:
            return None
    return np.array(found)


def _moments_between_rests(likely: Array) -> int:
    """Give after how many signals a distribution must be brought back to a sum of 1, whatever the signals and words."""
    log = np.log(likely)
    least = float((log - log.max(axis=0)).min()) if log.size else 0.0
    return max(1, int(_LOG_BUDGET / max(-least, 1e-3)))


@dataclass(frozen=True, slots=True)
class _Paths:
    """Deals in order of length: where each begins among all signals, how many it has, each signal's column."""

    begins: IntArray
    lengths: IntArray
    columns: IntArray


def _filter(paths: _Paths, table: Array, flow: Array, begin: Array, rest: int) -> Array:
    """Run the deals through their signals; gives (K, deals), columns summing to 1."""
    begins, lengths, columns = paths.begins, paths.lengths, paths.columns
    position = np.empty((begin.size, lengths.size))
    position[:] = begin[:, None]
    moved, scratch = np.empty_like(position), np.empty_like(position)
    for moment in range(int(lengths[-1])):
        skip = int(np.searchsorted(lengths, moment, side="right"))
        live = position[:, skip:]
        ahead = forward(live, flow, moved[:, skip:], scratch[:, skip:]) if moment else live
        signal = columns.take(begins[skip:] + moment)
        for stage, said in enumerate(table):
            said.take(signal, out=scratch[stage, skip:], mode="clip")
        np.multiply(ahead, scratch[:, skip:], out=live)
        if (moment + 1) % rest == 0:
            live /= sums(live.T)
    position /= sums(position.T)
    return position
