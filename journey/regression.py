"""Multinomial logistic regression: from some figures of a purchase to the chances of each way that it may end."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array, IntArray

_MOST_STEPS = 100
_FLAT = 1e-10  # a slope below this share of the examples' weight is no slope
_LEAST_SPREAD = 1e-9  # what varies less than this says nothing and is not scaled up


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A fitted regression over C classes and F features.

    Attributes
    ----------
    coefficients : ndarray of float64, shape (C, F)
        What a standardised feature adds to the log-chance of each class; 0 for a class that was never seen.
    intercepts : ndarray of float64, shape (C,)
        The log-chances where every feature is at its mean, up to a constant; minus infinity for a class never seen.
    centre, scale : ndarray of float64, shape (F,)
        Mean and population standard deviation by which features are standardised; a constant one has the scale 1.
    """

    coefficients: Array
    intercepts: Array
    centre: Array
    scale: Array

    def standardised(self, features: npt.ArrayLike) -> Array:
        """Give features, shape (m, F), in standard deviations from the mean of the examples.

        Raises
        ------
        ValueError
            For another number of features, NaN or infinity.
        """
        return (checks.floats(features, "features", (None, self.centre.size)) - self.centre) / self.scale

    def chances(self, features: npt.ArrayLike) -> Array:
        """Give the chances of each class, shape (m, C), for features of shape (m, F); rows sum to 1. O(m F C).

        Raises
        ------
        ValueError
            For another number of features, NaN or infinity.

        Examples
        --------
        >>> even = Logistic(np.zeros((2, 1)), np.zeros(2), np.zeros(1), np.ones(1))
        >>> even.chances([[3.0]]).tolist()
        [[0.5, 0.5]]
        """
        scores = np.tile(self.intercepts, (len(np.asarray(features)), 1))
        for column, pull in zip(self.standardised(features).T, self.coefficients.T, strict=True):
            scores += column[:, None] * pull  # one after the other, so that no row depends on how many there are
        return np.exp(_log_chances(scores))


def fit(
    features: npt.ArrayLike,
    classes: npt.ArrayLike,
    n_classes: int,
    *,
    strength: float = 0.1,
    weights: npt.ArrayLike | None = None,
) -> Logistic:
    """Fit a multinomial logistic regression with a ridge on the coefficients.

    Parameters
    ----------
    features : array_like of float, shape (m, F)
        One example a row, finite. They are standardised here.
    classes : array_like of int, shape (m,)
        The class 0..C-1 of each example.
    n_classes : int
        C, at least 1. A class without an example is given no chance.
    strength : float, optional
        Above 0: what the examples count against the ridge, the `C` of scikit-learn.
    weights : array_like of float, shape (m,), optional
        At least 0 each, not all 0; 1 each where not given.

    Returns
    -------
    Logistic
        Minimises ``|coefficients|^2 / 2 + strength * sum of weights * -log(chance of the class)``; intercepts bear no
        ridge and sum to 0 over the classes that were seen.

    Raises
    ------
    ValueError
        For no example, NaN, a class out of range, a negative weight, weights that are all 0, or shapes that do not fit.

    Notes
    -----
    Newton's method with halved steps where a whole one would not descend: O(m F^2 C^2 + F^3 C^3) a step, five to ten
    steps. The objective is convex; adding the same to every intercept changes nothing, and the Hessian is made regular
    along that direction only, so the minimum is not moved.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2009, section 4.4.

    Examples
    --------
    >>> model = fit([[0.0], [1.0], [0.0], [1.0]], [0, 0, 0, 1], 2)
    >>> model.chances([[0.0], [1.0]]).round(3).tolist()
    [[0.782, 0.218], [0.718, 0.282]]
    """
    table = checks.floats(features, "features", (None, None))
    c = checks.count(n_classes, "n_classes")
    label = checks.integers(classes, "classes", size=table.shape[0], stop=c)
    weight = checks.interview_weights(weights, table.shape[0])
    against = checks.number(strength, "strength")
    if weight.sum() <= 0.0:
        raise ValueError("A regression needs at least one example with a weight above 0.")
    centre, scale = _spread(table, weight)
    seen = np.unique(label[weight > 0.0])
    rows = weight > 0.0
    examples = np.column_stack([(table[rows] - centre) / scale, np.ones(int(rows.sum()))])
    found = _newton(examples, np.searchsorted(seen, label[rows]), seen.size, against * weight[rows])
    coefficients, intercepts = np.zeros((c, centre.size)), np.full(c, -np.inf)
    coefficients[seen], intercepts[seen] = found[:, :-1], found[:, -1]
    return Logistic(coefficients, intercepts, centre, scale)


def _spread(table: Array, weight: Array) -> tuple[Array, Array]:
    share = weight / weight.sum()
    centre = share @ table
    scale = np.sqrt(share @ (table - centre) ** 2)
    return centre, np.where(scale > _LEAST_SPREAD * np.maximum(np.abs(centre), 1.0), scale, 1.0)


def _log_chances(scores: Array) -> Array:
    top = scores.max(axis=1, keepdims=True)
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)))


def _newton(examples: Array, label: IntArray, c: int, weight: Array) -> Array:
    """Minimise; `examples` (m, F + 1) end with a column of ones, `weight` holds the strength; gives (C, F + 1)."""
    width = examples.shape[1]
    truth = np.zeros((label.size, c))
    truth[np.arange(label.size), label] = 1.0
    ridge = np.ones(width)
    ridge[-1] = 0.0
    theta = np.zeros((c, width))
    value = _objective(theta, examples, truth, weight, ridge)
    for _ in range(_MOST_STEPS):
        chance = np.exp(_log_chances(examples @ theta.T))
        slope = ((chance - truth) * weight[:, None]).T @ examples + theta * ridge
        if float(np.abs(slope).max()) <= _FLAT * max(1.0, float(weight.sum())):
            break
        step = np.linalg.solve(_hessian(examples, chance, weight, ridge), slope.ravel()).reshape(theta.shape)
        length, descent = 1.0, float((step * slope).sum())
        while length > _FLAT:
            after = theta - length * step
            lower = _objective(after, examples, truth, weight, ridge)
            if lower <= value - 1e-4 * length * descent:
                break
            length /= 2.0
        else:
            break  # no step descends any more: rounding is all that is left
        theta, value = after, lower
    return theta


def _objective(theta: Array, examples: Array, truth: Array, weight: Array, ridge: Array) -> float:
    missed = -(truth * _log_chances(examples @ theta.T)).sum(axis=1)
    return float(weight @ missed + 0.5 * (theta**2 * ridge).sum())


def _hessian(examples: Array, chance: Array, weight: Array, ridge: Array) -> Array:
    c, width = chance.shape[1], examples.shape[1]
    blocks = np.empty((c, width, c, width))
    for a in range(c):
        for b in range(a, c):
            curve = weight * chance[:, a] * ((a == b) - chance[:, b])
            blocks[a, :, b, :] = (examples * curve[:, None]).T @ examples
            blocks[b, :, a, :] = blocks[a, :, b, :].T
        blocks[a, :, a, :] += np.diag(ridge)
    blocks[:, -1, :, -1] += max(float(weight.sum()), 1e-6)
    return blocks.reshape(c * width, c * width)
