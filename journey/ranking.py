"""Which suggestions people will accept, learned from those that they accepted and refused.

A suggestion is a sentence (a unit vector of its meaning), a code and the score that the machine gave it. What people
decided before says more: sentences near to this one that got the code or were refused it, how often the code is right
at all, and whether sentences near to this one got another code.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, BoolArray, IntArray

N_TERMS = 6
PRIOR = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)  # without any decision the machine's own score stands
STRENGTH = 5.0  # of the pull towards the prior
USUAL = 0.25  # cosine that says nothing: stands in where nothing was decided yet
SPREAD = 0.15  # of cosines, so that all terms are of about one size
DOUBT = 4.0  # decisions that the usual share of acceptance weighs against a code's own
EDGE = 1e-4  # scores are kept this far from 0 and 1
STEPS = 100
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """Suggestions as the ranking sees them.

    Attributes
    ----------
    vectors : ndarray of float64, shape (n, dimension)
        Unit vectors of the sentences.
    codes : ndarray of int64, shape (n,)
        Which code is proposed, by any numbering.
    scores : ndarray of float64, shape (n,)
        The machine's own score, in [0, 1].
    """

    vectors: Array
    codes: IntArray
    scores: Array

    def __getitem__(self, chosen: BoolArray) -> "Proposals":
        """Give some of them."""
        return Proposals(self.vectors[chosen], self.codes[chosen], self.scores[chosen])


def evidence(
    proposals: Proposals, decided: Proposals, accepted: npt.ArrayLike, *, are_the_decided: bool = False
) -> Array:
    """Give what speaks for and against each proposal.

    Parameters
    ----------
    proposals : Proposals
        n of them.
    decided : Proposals
        m of them, on which people have spoken.
    accepted : array_like of bool, shape (m,)
        What they said.
    are_the_decided : bool, optional
        The proposals are the decided ones, in the same order: each is left out of its own evidence.

    Returns
    -------
    ndarray of float64, shape (n, 6)
        One; the log-odds of the machine's score; the nearness (mean of the two largest cosines, centred and scaled) to
        sentences that got this code, to sentences that were refused it, and - last - to sentences that got another;
        and, fifth, the log-odds of this code's acceptance against the usual, shrunk by `DOUBT` decisions.

    Raises
    ------
    ValueError
        For shapes that do not fit each other, NaN, or scores outside of [0, 1].

    Notes
    -----
    O(n m (dimension + log m)).

    Examples
    --------
    >>> seen = Proposals(np.eye(2), np.array([0, 0]), np.array([0.5, 0.5]))
    >>> new = Proposals(np.array([[0.0, 1.0]]), np.array([0]), np.array([0.5]))
    >>> evidence(new, seen, [False, True]).round(2).tolist()
    [[1.0, 0.0, 5.0, -1.67, 0.0, 0.0]]
    """
    scores = checks.floats(proposals.scores, "scores", (None,), low=0, high=1)
    said = np.asarray(accepted, dtype=np.bool_)
    if said.shape != decided.codes.shape or (are_the_decided and said.shape != scores.shape):
        raise ValueError("accepted must say of each decided proposal whether it was accepted.")
    cosines = checks.floats(proposals.vectors @ decided.vectors.T, "vectors", (scores.size, said.size))
    others = ~np.eye(said.size, dtype=np.bool_) if are_the_decided else np.ones(cosines.shape, dtype=np.bool_)
    same = (proposals.codes[:, None] == decided.codes) & others
    usual = (said.sum() + 1) / (said.size + 2)
    got, refused = (same & said).sum(axis=1), (same & ~said).sum(axis=1)
    record = np.log((got + DOUBT * usual) / (refused + DOUBT * (1 - usual))) - np.log(usual / (1 - usual))
    clipped = np.clip(scores, EDGE, 1 - EDGE)
    terms = (
        np.ones(scores.size),
        np.log(clipped / (1 - clipped)),
        _nearness(cosines, same & said),
        _nearness(cosines, same & ~said),
        record,
        _nearness(cosines, (proposals.codes[:, None] != decided.codes) & others & said),
    )
    return np.stack(terms, axis=1)


def _nearness(cosines: Array, counted: BoolArray) -> Array:
    """Give the mean of the (up to) two largest counted cosines of each row, centred and scaled; 0 where none is."""
    if cosines.shape[1] == 0:
        return np.zeros(cosines.shape[0])
    two = -np.sort(-np.where(counted, cosines, -np.inf), axis=1)[:, :2]
    there = np.isfinite(two)
    mean = np.where(there, two, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return np.asarray(np.where(there.any(axis=1), (mean - USUAL) / SPREAD, 0.0), dtype=np.float64)


def learn(terms: npt.ArrayLike, accepted: npt.ArrayLike, *, strength: float = STRENGTH) -> Array:
    """Fit what the evidence weighs: a logistic regression, drawn towards the machine's own score.

    Parameters
    ----------
    terms : array_like of float, shape (m, 6)
        Evidence of the decided proposals, each without itself.
    accepted : array_like of bool, shape (m,)
        What people said. May be empty.
    strength : float, optional
        How strongly the weights are held to the prior, above 0.

    Returns
    -------
    ndarray of float64, shape (6,)
        The weights that minimise ``sum log(1 + exp(z)) - y z + strength / 2 |w - prior|^2`` with ``z = terms w``.

    Raises
    ------
    ValueError
        For NaN, a strength that is not above 0, or shapes that do not fit.

    Notes
    -----
    Newton's method with halved steps; the loss is strictly convex, so the answer is one and the same each time.
    O(steps m). Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2nd edition (2009), 4.4.

    Examples
    --------
    >>> learn(np.empty((0, 6)), []).tolist()
    [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    rows = checks.floats(terms, "terms", (None, N_TERMS))
    said = checks.floats(accepted, "accepted", (rows.shape[0],), low=0, high=1)
    if not strength > 0:
        raise ValueError("strength must be above 0.")
    prior = np.array(PRIOR)
    weights = prior.copy()

    def loss(at: Array) -> float:
        z = rows @ at
        return float((np.logaddexp(0, z) - said * z).sum() + strength / 2 * ((at - prior) ** 2).sum())

    stands = loss(weights)
    for _ in range(STEPS):
        chance = probability(rows, weights)
        slope = rows.T @ (chance - said) + strength * (weights - prior)
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + strength * np.eye(N_TERMS)
        step = np.linalg.solve(bend, slope)
        while (lower := loss(weights - step)) > stands and np.abs(step).max() > TOLERANCE:
            step /= 2
        if np.abs(step).max() <= TOLERANCE:
            break
        weights, stands = weights - step, lower
    return weights


def probability(terms: npt.ArrayLike, weights: npt.ArrayLike) -> Array:
    """Give how likely people are to accept, shape (n,), from evidence (n, 6) and weights (6,). O(n).

    Examples
    --------
    >>> probability([[1, 2, 0, 0, 0, 0]], PRIOR).round(4).tolist()
    [0.8808]
    """
    z = checks.floats(terms, "terms", (None, N_TERMS)) @ checks.floats(weights, "weights", (N_TERMS,))
    return np.asarray(np.exp(-np.logaddexp(0, -z)), dtype=np.float64)


def average_precision(accepted: npt.ArrayLike, scores: npt.ArrayLike) -> float | None:
    """Tell how well an order by score puts what is accepted first; 1 is best. None where nothing is accepted.

    Notes
    -----
    The mean, over the accepted ones, of the share of accepted ones down to their place. Equal scores share a place:
    all of them are counted. O(n log n). Manning, Raghavan and Schütze, *Introduction to Information Retrieval* (2008),
    8.4.

    Examples
    --------
    >>> average_precision([True, False, True], [0.9, 0.8, 0.7])
    0.8333333333333333
    """
    said = np.asarray(accepted, dtype=np.bool_)
    values = checks.floats(scores, "scores", said.shape)
    if not said.any():
        return None
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(said[order])
    last = np.searchsorted(-values[order], -values[order], side="right") - 1
    return float((hits[last] / (last + 1))[said[order]].mean())


def trial(decided: Proposals, accepted: npt.ArrayLike, groups: npt.ArrayLike) -> tuple[float, float] | None:
    """Give the average precision without and with learning, each group judged by what the others taught.

    Parameters
    ----------
    decided : Proposals
        m of them.
    accepted : array_like of bool, shape (m,)
        What people said.
    groups : array_like of int, shape (m,)
        What belongs together and must not teach itself: the interview.

    Returns
    -------
    tuple of float or None
        None where there is one group only, or nothing was accepted.

    Notes
    -----
    One learning a group: O(groups m^2 dimension).

    Examples
    --------
    >>> one = Proposals(np.ones((2, 1)), np.zeros(2, dtype=np.int64), np.array([0.5, 0.5]))
    >>> trial(one, [True, False], [1, 1]) is None
    True
    """
    said, owners = np.asarray(accepted, dtype=np.bool_), np.asarray(groups)
    names = np.unique(owners)
    if names.size < 2:  # noqa: PLR2004  none is left to learn from
        return None
    learned = np.zeros(said.size)
    for name in names:
        out = owners == name
        rest, words = decided[~out], said[~out]
        weights = learn(evidence(rest, rest, words, are_the_decided=True), words)
        learned[out] = probability(evidence(decided[out], rest, words), weights)
    before, after = average_precision(said, decided.scores), average_precision(said, learned)
    return None if before is None or after is None else (before, after)
