"""How a purchase will end, learned from purchases that ended: its whole path counts, not only its last place."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import chains, checks, regression
from journey.chaos import returns_many
from journey.checks import N_OUTCOMES, Array, BoolArray, IntArray
from journey.looks import Ended, Paths, longest_silence, looks
from journey.outlook import outlook
from journey.position import locate_many

BLOCKS = 5  # of time, for ratios that no purchase's own end has part in
TERMS = ("path", "place", "age", "silence", "returns", "evidence")
_SURE = 1e-6  # chances nearer to 0 or 1 than this count as this near


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The version's numbers that purchases are seen by: K stages, n activities.

    Attributes
    ----------
    matrix : ndarray of float64, shape (K, K + 3)
    emissions : ndarray of float64, shape (K, n)
    start : ndarray of float64, shape (K,)
    home : ndarray of int64, shape (n,)
        Each activity's stage.
    half_life_days : float
        Days of silence that count as half a step.
    """

    matrix: Array
    emissions: Array
    start: Array
    home: IntArray
    half_life_days: float = 21.0


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the model knows of purchases under way.

    Attributes
    ----------
    outcomes : ndarray of float64, shape (deals, 3)
        Absorption probabilities.
    position : ndarray of float64, shape (deals, K)
    age, silence : ndarray of float64, shape (deals,)
        Days open; the longest silence so far in days.
    returns : ndarray of int64, shape (deals,)
    settled : ndarray of float64, shape (deals,)
        The share of the exit evidence that is settled.
    """

    outcomes: Array
    position: Array
    age: Array
    silence: Array
    returns: IntArray
    settled: Array


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """An outlook that was learned.

    Attributes
    ----------
    ratios : ndarray of float64, shape (n + 1, n, 3)
        What each move speaks for, as `journey.chains.ratios` gives it.
    model : Logistic
        From the K + 10 features to won, lost and no decision.
    """

    ratios: Array
    model: regression.Logistic

    def outcomes(self, signals: npt.ArrayLike, offsets: npt.ArrayLike, known: Known) -> Array:
        """Give the chances of won, lost and no decision, shape (deals, 3); rows sum to 1. O(m + deals K).

        Raises
        ------
        ValueError
            For signals or figures that do not fit what was learned.
        """
        return self.model.chances(features(chains.along(signals, offsets, self.ratios), known))

    def terms(self, signals: npt.ArrayLike, offsets: npt.ArrayLike, known: Known) -> Array:
        """Say what lifts or lowers the chance to win against the average purchase: (deals, 6), as `TERMS` name it.

        Each is the change of the log-odds of won against the other two outcomes, these weighed by their own chances.
        """
        table = features(chains.along(signals, offsets, self.ratios), known)
        chance = self.model.chances(table)
        rest = chance[:, 1:] / np.maximum(chance[:, 1:].sum(axis=1, keepdims=True), _SURE)
        pull = self.model.coefficients[0] - rest @ self.model.coefficients[1:]
        each = pull * self.model.standardised(table)
        k = known.position.shape[1]
        path, place = each[:, :N_OUTCOMES].sum(axis=1), each[:, N_OUTCOMES : 2 * N_OUTCOMES + k].sum(axis=1)
        return np.column_stack([path, place, each[:, 2 * N_OUTCOMES + k :]])


def features(ratios: npt.ArrayLike, known: Known) -> Array:
    """Lay out the model's own figures of each purchase for the regression.

    Parameters
    ----------
    ratios : array_like of float, shape (deals, 3)
        The path's log-likelihood ratios, as `journey.chains.along` gives them.
    known : Known

    Returns
    -------
    ndarray of float64, shape (deals, K + 10)
        The ratios, the logits of the absorption probabilities, the position, log(1 + days open),
        log(1 + longest silence), log(1 + returns), and the share of exit evidence that is settled.

    Raises
    ------
    ValueError
        For NaN, shares outside [0, 1], negative days or returns, or numbers of purchases that differ.

    Notes
    -----
    O(deals K).

    References
    ----------
    .. [1] I. Teinemaa, M. Dumas, M. La Rosa, F. M. Maggi, "Outcome-oriented predictive process monitoring: review and
       benchmark", ACM Transactions on Knowledge Discovery from Data 13 (2019).

    Examples
    --------
    >>> known = Known(np.array([[0.5, 0.25, 0.25]]), np.ones((1, 1)), *np.array([[0.0], [0.0], [1], [0.5]]))
    >>> features([[0.1, -0.1, 0.0]], known).round(2).tolist()
    [[0.1, -0.1, 0.0, 0.0, -1.1, -1.1, 1.0, 0.0, 0.0, 0.69, 0.5]]
    """
    path = checks.floats(ratios, "ratios", (None, N_OUTCOMES))
    deals = path.shape[0]
    ending = checks.floats(known.outcomes, "outcomes", (deals, N_OUTCOMES), low=0.0, high=1.0 + checks.TOLERANCE)
    place = checks.floats(known.position, "position", (deals, None), low=0.0, high=1.0 + checks.TOLERANCE)
    counts = [
        checks.floats(values, name, (deals,), low=0.0)
        for name, values in (("age", known.age), ("silence", known.silence), ("returns", known.returns))
    ]
    settled = checks.floats(known.settled, "settled", (deals,), low=0.0, high=1.0)
    kept = np.clip(ending, _SURE, 1.0 - _SURE)
    return np.column_stack([path, np.log(kept / (1.0 - kept)), place, *map(np.log1p, counts), settled])


def known_of(paths: Paths, ground: Ground) -> Known:
    """Work out what the model knows of some purchases.

    Parameters
    ----------
    paths : Paths
    ground : Ground

    Returns
    -------
    Known

    Raises
    ------
    ValueError
        As `journey.position.locate_many`, `journey.outlook.outlook` and `longest_silence` do.

    Notes
    -----
    O(m K^2 + deals K).

    Examples
    --------
    >>> ground = Ground(np.array([[0.5, 0.3, 0.1, 0.1]]), np.ones((1, 1)), np.ones(1), np.zeros(1, dtype=np.int64))
    >>> one = Paths(np.array([0]), np.ones(1), np.array([2.0]), np.array([0, 1]), np.array([9.0]), np.zeros(1))
    >>> known_of(one, ground).silence.tolist()
    [7.0]
    """
    lengths = np.diff(paths.offsets)
    last = np.zeros(lengths.size)
    some = lengths > 0
    last[some] = paths.moments[paths.offsets[1:][some] - 1]
    where = locate_many(
        paths.signals,
        paths.words,
        paths.offsets,
        ground.matrix,
        ground.emissions,
        ground.start,
        silence_days=np.where(some, np.maximum(paths.age - last, 0.0), 0.0),
        half_life_days=ground.half_life_days,
    )
    return Known(
        outcomes=outlook(where, ground.matrix).outcomes,
        position=where,
        age=paths.age,
        silence=longest_silence(paths.moments, paths.offsets, paths.age),
        returns=returns_many(ground.home[paths.signals], paths.offsets, ground.matrix, where).observed,
        settled=paths.settled,
    )


def learn(ended: Ended, ground: Ground) -> Learned:
    """Learn from purchases that ended how those under way will.

    Parameters
    ----------
    ended : Ended
        In the order of their ends.
    ground : Ground

    Returns
    -------
    Learned

    Raises
    ------
    ValueError
        For no purchase with a signal, an outcome out of range, or shapes that do not fit.

    Notes
    -----
    O(looks (length + K^2)). Each purchase weighs 1, shared by its looks. A path's ratios come from chains that its own
    end has no part in: the purchases are laid in five blocks by the time of their ends, and each block is judged by the
    chains of the other four; otherwise the regression would trust ratios that know the answer.

    References
    ----------
    .. [1] D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> won = np.repeat([0, 1], 40)[rng.permutation(80)]
    >>> path = Paths(np.where(won, 1, 0), np.ones(80), np.zeros(80), np.arange(81), np.ones(80), np.zeros(80))
    >>> ground = Ground(np.array([[0.5, 0.3, 0.1, 0.1]]), np.ones((1, 2)) / 2, np.ones(1), np.zeros(2, dtype=np.int64))
    >>> found = learn(Ended(path, won, np.zeros(0), np.zeros(81, dtype=np.int64), 0), ground)
    >>> now = Paths(np.array([0, 1]), np.ones(2), np.zeros(2), np.arange(3), np.ones(2), np.zeros(2))
    >>> found.outcomes(now.signals, now.offsets, known_of(now, ground))[:, 0].round(1).tolist()
    [0.9, 0.1]
    """
    whole, n = ended.paths, ground.home.size
    checks.integers(ended.outcomes, "outcomes", size=whole.offsets.size - 1, stop=N_OUTCOMES)
    if whole.signals.size == 0:
        raise ValueError("There is nothing to learn from: no purchase that ended has a signal.")
    owner, seen = looks(ended, ground.half_life_days)
    path = np.zeros((owner.size, N_OUTCOMES))
    for block in _blocks(whole.offsets.size - 1):
        table = _ratios(ended, ~block, n)
        path[block[owner]] = chains.along(seen.signals, seen.offsets, table)[block[owner]]
    share = 1.0 / np.bincount(owner, minlength=whole.offsets.size - 1)[owner]
    table = features(path, known_of(seen, ground))
    model = regression.fit(table, ended.outcomes[owner], N_OUTCOMES, weights=share)
    return Learned(_ratios(ended, np.ones(whole.offsets.size - 1, dtype=np.bool_), n), model)


def _blocks(deals: int) -> Iterator[BoolArray]:
    block = np.arange(deals) * BLOCKS // max(deals, 1)
    for number in np.unique(block):
        yield block == number


def _ratios(ended: Ended, chosen: BoolArray, n: int) -> Array:
    """Learn the chains of the chosen purchases."""
    lengths = np.diff(ended.paths.offsets)
    signals = ended.paths.signals[np.repeat(chosen, lengths)]
    offsets = np.concatenate([[0], np.cumsum(lengths[chosen])]).astype(np.int64)
    return chains.ratios(signals, offsets, ended.outcomes[chosen], n)
