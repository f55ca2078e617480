"""Which of several classes a vector belongs to, learnt from examples: kernel ridge regression on class marks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """What was learnt.

    Attributes
    ----------
    examples : ndarray of float64, shape (n, d)
        The examples that it was learnt from.
    pulls : ndarray of float64, shape (n, k)
        How much likeness to each example speaks for each class.
    shares : ndarray of float64, shape (k,)
        Share of the examples in each class: what a vector unlike all of them scores.
    sharpness : float
        How fast likeness falls with distance.
    """

    examples: Array
    pulls: Array
    shares: Array
    sharpness: float

    def scores(self, vectors: npt.ArrayLike) -> Array:
        """Give how much each vector looks like each class: about 1 where it is one of it, about 0 where it is not.

        Parameters
        ----------
        vectors : array_like of float, shape (m, d)

        Returns
        -------
        ndarray of float64, shape (m, k)
            Each row sums to about 1.

        Raises
        ------
        ValueError
            For vectors of another length than the examples, or with NaN.

        Notes
        -----
        O(m n d).
        """
        given = checks.floats(vectors, "vectors", (None, self.examples.shape[1]))
        scored: Array = _likeness(given, self.examples, self.sharpness) @ self.pulls + self.shares
        return scored


def learn(
    vectors: npt.ArrayLike, classes: npt.ArrayLike, n_classes: int, *, penalty: float = 0.3, sharpness: float = 2.0
) -> Classes:
    """Learn classes from examples.

    Parameters
    ----------
    vectors : array_like of float, shape (n, d)
        The examples, such as unit vectors of sentences.
    classes : array_like of int, shape (n,)
        The class of each, 0 to `n_classes` - 1; each class has an example.
    n_classes : int
        How many classes, k, there are.
    penalty : float, above 0
        What going along with single examples costs; more makes the classes flatter.
    sharpness : float, above 0
        Likeness of two vectors is ``exp(-sharpness * squared distance)``.

    Returns
    -------
    Classes

    Raises
    ------
    ValueError
        For NaN, shapes that do not fit, a class outside the range or without an example, or a penalty or sharpness
        that is not above 0.

    Notes
    -----
    Solves ``(likeness + penalty I) pulls = marks - shares``, marks being 1 in the column of an example's class:
    O(n^2 d + n^3), for a few hundred examples a tenth of a second.

    References
    ----------
    .. [1] C. Saunders, A. Gammerman, V. Vovk, "Ridge regression learning algorithm in dual variables", ICML 1998.

    Examples
    --------
    >>> learnt = learn([[0.0], [1.0]], [0, 1], 2, penalty=0.5)
    >>> learnt.scores([[1.0], [0.5], [9.0]]).round(4).tolist()
    [[0.1832, 0.8168], [0.5, 0.5], [0.5, 0.5]]
    """
    given = checks.floats(vectors, "vectors", (None, None))
    places = np.asarray(classes)
    if places.shape != (len(given),):
        raise ValueError("Give one class for each row of the vectors.")
    if not np.isfinite([penalty, sharpness]).all() or penalty <= 0 or sharpness <= 0:
        raise ValueError("The penalty and the sharpness are above 0.")
    if not n_classes or set(places.tolist()) != set(range(n_classes)):
        raise ValueError("Each class from 0 on has at least one example, and no example has another.")
    marks = np.eye(n_classes)[places.astype(np.int64)]
    shares = marks.mean(axis=0)
    likeness = _likeness(given, given, sharpness)
    likeness[np.diag_indices_from(likeness)] += penalty
    return Classes(given, np.linalg.solve(likeness, marks - shares), shares, sharpness)


def _likeness(some: Array, others: Array, sharpness: float) -> Array:
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2.0 * some @ others.T
    alike: Array = np.exp(-sharpness * np.maximum(squares, 0.0))
    return alike
