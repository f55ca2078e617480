"""From interviews to a process in one call: order, stages, transitions and what each signal says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks, order, settling, signals, stages, steps, tallies, transitions
from journey.checks import Array, IntArray, Sequences
from journey.order import CyclicPair, Potentials
from journey.settling import Heard
from journey.steps import Steps
from journey.transitions import Transitions


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What the interviews say once every activity has its stage.

    Attributes
    ----------
    transitions : Transitions
        How customers move.
    emissions : ndarray of float64, shape (K, n)
        What a signal says.
    told : ndarray of float64, shape (n,)
        The weighted number of interviews that tell each activity.
    counts : ndarray of float64, shape (K, K + 3)
        The moves that interviews told, without the prior.
    further : ndarray of float64, shape (K, K + 3)
        The moves that joined them from elsewhere; zeros where none did.
    """

    transitions: Transitions
    emissions: Array
    told: Array
    counts: Array
    further: Array


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """A process as the interviews tell it. Activities keep their numbers; `order` and `segments` say where they stand.

    Attributes
    ----------
    potentials : Potentials
        Where each activity lies on the line, the cyclic share, and which activities are connected at all.
    cyclic_pairs : tuple of CyclicPair
        The pairs that explain the cyclic share: largest residual first.
    contradicted_pairs : tuple of CyclicPair
        The same among the pairs that some interview tells against the order.
    contradiction : float
        In [0, 1]: the share of pairs told against the order; 0 is a perfect line.
    order : ndarray of int64, shape (n,)
        Activities, earliest first.
    segments : tuple of (int, int)
        Stage k holds ``order[start:stop]``.
    home : ndarray of int64, shape (n,)
        The stage of each activity.
    similarity : ndarray of float64, shape (n, n)
        By activity number, in [0, 1].
    first, follows : ndarray of float64, shape (n, n)
        Who is told before whom, and right after whom.
    fit : Fit
        Transitions, emissions, told, counts.
    """

    potentials: Potentials
    cyclic_pairs: tuple[CyclicPair, ...]
    contradicted_pairs: tuple[CyclicPair, ...]
    contradiction: float
    order: IntArray
    segments: tuple[tuple[int, int], ...]
    home: IntArray
    similarity: Array
    first: Array
    follows: Array
    fit: Fit

    @property
    def n_stages(self) -> int:
        """K."""
        return len(self.segments)

    def activities(self, stage: int) -> tuple[int, ...]:
        """Give the activities of a stage in their order."""
        start, stop = self.segments[stage]
        return tuple(self.order[start:stop].tolist())


def derive(
    sequences: Sequences,
    jobs: npt.ArrayLike,
    meaning: npt.ArrayLike,
    outcomes: Sequence[str | None],
    *,
    weights: npt.ArrayLike | None = None,
    count: int | None = None,
    alpha: float = 2.0,
    noise: float = 0.15,
) -> Derivation:
    """Derive order, stages, transitions and emissions from interviews.

    Parameters
    ----------
    sequences : sequence of sequences of int
        For each interview the activities 0..n-1 in the order of its moments, returns included. Number the activities in
        the order of their names: ties in the order go by number.
    jobs : array_like, shape (n,) of int or (n, questions) of bool
        Under which buying question each activity is told (see `journey.stages.similarity`).
    meaning : array_like of float, shape (n, n)
        Cosines of the activities' embeddings.
    outcomes : sequence of {"won", "lost", "no_decision", None}
        How each purchase ended.
    weights : array_like of float, shape (interviews,), optional
        At least 0; 1 each where not given.
    count : int, optional
        The number of stages; where not given it falls out.
    alpha, noise : float, optional
        See `journey.transitions.fit` and `journey.signals.emissions`.

    Returns
    -------
    Derivation

    Raises
    ------
    ValueError
        For no activity, and as the single steps do.

    Notes
    -----
    O(sum of squared lengths + n^3).

    Examples
    --------
    >>> meaning = [[0, 0.9, 0], [0.9, 0, 0.1], [0, 0.1, 0]]
    >>> found = derive([[1, 0, 2], [1, 0]], [0, 0, 1], meaning, ["won", None])
    >>> found.order.tolist(), found.segments, found.home.tolist()
    ([1, 0, 2], ((0, 2), (2, 3)), [0, 0, 1])
    """
    n = len(np.asarray(jobs))
    first, follows = order.precedence(sequences, n, weights)
    line = order.potentials(first)
    near = stages.similarity(jobs, meaning, stages.closeness(follows))
    ranked, home = cut(line.values, near, _heard(sequences, jobs, meaning, weights), count, alpha=alpha)
    segments = _segments(home[ranked])
    return Derivation(
        potentials=line,
        cyclic_pairs=order.cyclic_pairs(first, line),
        contradicted_pairs=order.cyclic_pairs(first, line, contradicted=True),
        contradiction=order.contradiction(first, ranked),
        order=ranked,
        segments=tuple(segments),
        home=home,
        similarity=near,
        first=first,
        follows=follows,
        fit=fit_stages(sequences, outcomes, home, len(segments), weights=weights, alpha=alpha, noise=noise),
    )


def cut(
    values: Array, near: Array, told: Heard, count: int | None = None, *, alpha: float = 2.0
) -> tuple[IntArray, IntArray]:
    """Cut the line into stages and settle them.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Potentials.
    near : ndarray of float64, shape (n, n)
        As `journey.stages.similarity` gives it.
    told : Heard
        As `journey.settling.heard` gives it.
    count : int, optional
        The number of stages, if it is fixed.
    alpha : float, optional
        As for `journey.transitions.fit`.

    Returns
    -------
    ranked : ndarray of int64, shape (n,)
        Activities, earliest first: by stage, then along the line.
    home : ndarray of int64, shape (n,)
        The stage of each.

    Raises
    ------
    ValueError
        As `journey.stages.segment` and `journey.settling.settle` do.

    Notes
    -----
    O(n^3) for the cut, then as `journey.settling.settle`.

    Examples
    --------
    >>> told = settling.heard([[0, 1], [0, 0]], [1, 1], [0, 0], np.zeros((2, 2)))
    >>> ranked, home = cut(np.array([0.5, -0.5]), np.array([[0, 0.5], [0.5, 0]]), told)
    >>> ranked.tolist(), home.tolist()
    ([1, 0], [0, 0])
    """
    line = order.ranking(values)
    begin = homes(line, stages.segment(near[np.ix_(line, line)], count))
    home = settling.settle(told, begin, line, fixed=count is not None, alpha=alpha)
    return line[np.argsort(home[line], kind="stable")], home


def fit_stages(
    sequences: Sequences,
    outcomes: Sequence[str | None],
    home: npt.ArrayLike,
    n_stages: int,
    *,
    weights: npt.ArrayLike | None = None,
    further: Steps | None = None,
    alpha: float = 2.0,
    noise: float = 0.15,
) -> Fit:
    """Learn transitions and emissions for stages that are given, be they derived or shaped by a person.

    Parameters
    ----------
    sequences, outcomes, weights, alpha, noise
        As for `derive`.
    home : array_like of int, shape (n,)
        The stage 0..K-1 of each activity.
    n_stages : int
        K; a stage may be without activities.
    further : Steps, optional
        Paths from elsewhere (closed deals), already weighted, that join the moves and the starts; what interviews told
        and what a signal says stay theirs.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        As `journey.transitions.fit` and `journey.signals.emissions` do.

    Notes
    -----
    O(moments + K n).

    Examples
    --------
    >>> fit_stages([[0, 1, 0]], ["won"], [0, 1], 2).told.tolist()
    [1.0, 1.0]
    """
    k = checks.count(n_stages, "n_stages")
    stage = checks.integers(home, "home", stop=k)
    flat, offsets = checks.ragged(sequences, "sequences", stop=stage.size)
    weight = checks.interview_weights(weights, offsets.size - 1)
    paths = np.split(stage[flat], offsets[1:-1]) if offsets.size > 1 else []
    told = tallies.tellings(flat, offsets, stage.size).total(weight)
    more = further or steps.none(stage.size)
    return Fit(
        transitions=transitions.fit(
            paths, outcomes, k, alpha=alpha, weights=weight, further=more.counts(stage, k), began=more.first(stage, k)
        ),
        emissions=signals.emissions(stage, told, k, noise=noise),
        told=told,
        counts=transitions.counts(paths, outcomes, k, weights=weight),
        further=more.counts(stage, k),
    )


def homes(ranked: npt.ArrayLike, segments: Sequence[tuple[int, int]]) -> IntArray:
    """Give each activity its stage.

    Parameters
    ----------
    ranked : array_like of int, shape (n,)
        Activities in order, each of 0..n-1 once.
    segments : sequence of (int, int)
        As `journey.stages.segment` gives them for that order.

    Returns
    -------
    ndarray of int64, shape (n,)
        The stage 0..K-1 of each activity.

    Raises
    ------
    ValueError
        If an activity is missing, or the segments do not cover them without gaps.

    Notes
    -----
    O(n).

    Examples
    --------
    >>> homes([2, 0, 1], [(0, 1), (1, 3)]).tolist()
    [1, 1, 0]
    """
    place = np.asarray(ranked)
    activity = checks.integers(place, "ranked", stop=max(place.size, 1))
    lengths = [stop - start for start, stop in segments]
    gapless = [start for start, _ in segments] == np.concatenate([[0], np.cumsum(lengths[:-1])]).tolist()
    if np.unique(activity).size != activity.size or not gapless or sum(lengths) != activity.size or min(lengths) < 1:
        raise ValueError("segments must cover every activity of ranked once, in order and without gaps.")
    stage = np.empty(activity.size, dtype=np.int64)
    stage[activity] = np.repeat(np.arange(len(lengths)), lengths)
    return stage


def _segments(stage: IntArray) -> list[tuple[int, int]]:
    """Give where each stage begins and ends among activities that stand in order."""
    stops = np.flatnonzero(np.diff(stage, append=stage[-1] + 1)) + 1
    return [(int(start), int(stop)) for start, stop in zip([0, *stops[:-1]], stops, strict=True)]


def _heard(sequences: Sequences, jobs: npt.ArrayLike, meaning: npt.ArrayLike, weights: npt.ArrayLike | None) -> Heard:
    n = len(np.asarray(jobs))
    flat, offsets = checks.ragged(sequences, "sequences", stop=n)
    weight = checks.interview_weights(weights, offsets.size - 1)
    share = weight * settling.scale(float(weight.sum()))
    moves = tallies.moves(flat, offsets, [None] * weight.size, n).total(share)[:, :n]
    return settling.heard(moves, tallies.moments(flat, offsets, n).total(share), jobs, meaning)
