"""What the mathematics accepts: a check gives its value back as an array, or raises a ValueError with a sentence."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Sequences = Sequence[Sequence[int] | npt.NDArray[np.integer]]

OUTCOMES = ("won", "lost", "no_decision")
N_OUTCOMES = len(OUTCOMES)
TOLERANCE = 1e-6  # how far from 1 a sum of probabilities may lie: shares come back from a database rounded


def floats(
    values: npt.ArrayLike,
    name: str,
    shape: tuple[int | None, ...],
    *,
    low: float = -np.inf,
    high: float = np.inf,
    finite: bool = True,
) -> Array:
    """Give `values` as float64 of the wanted shape (None: any length), every entry within [low, high].

    Parameters
    ----------
    values : array_like
        What the caller gave.
    name : str
        The argument's name, for the sentence.
    shape : tuple of (int or None)
        The wanted shape; None leaves a length open.
    low, high : float, optional
        The range, both ends included.
    finite : bool, optional
        Whether infinity is refused; NaN always is.

    Returns
    -------
    ndarray of float64
        Not copied where it already is one.

    Raises
    ------
    ValueError
        For another shape, NaN, infinity, or an entry out of range.

    Examples
    --------
    >>> floats([1, 2], "words", (None,)).tolist()
    [1.0, 2.0]
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != len(shape) or any(want not in (None, have) for want, have in zip(shape, array.shape, strict=True)):
        wanted = " x ".join("any" if size is None else str(size) for size in shape) or "one number"
        raise ValueError(f"{name} must have the shape {wanted}, not {array.shape}.")
    if array.size == 0:
        return array
    least, most = float(array.min()), float(array.max())
    if np.isnan(least) or np.isnan(most):
        raise ValueError(f"{name} must not hold NaN.")
    if finite and not (np.isfinite(least) and np.isfinite(most)):
        raise ValueError(f"{name} must be finite.")
    if least < low or most > high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {least:g} to {most:g}.")
    return array


def integers(values: npt.ArrayLike, name: str, *, size: int | None = None, low: int = 0, stop: int) -> IntArray:
    """Give `values` as a vector of int64, every entry in ``low <= entry < stop``.

    Raises
    ------
    ValueError
        For fractions, booleans, another length than `size`, more than one axis, or an entry out of range.

    Examples
    --------
    >>> integers([2, 0], "home", stop=3).tolist()
    [2, 0]
    """
    array = np.asarray(values)
    if array.ndim != 1 or (size is not None and array.size != size):
        raise ValueError(f"{name} must be a row of {'whole numbers' if size is None else size}, not {array.shape}.")
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be whole numbers, not {array.dtype}.")
    if int(array.min()) < low or int(array.max()) >= stop:
        raise ValueError(f"{name} must lie between {low} and {stop - 1}.")
    return array.astype(np.int64, copy=False)


def booleans(values: npt.ArrayLike, name: str, shape: tuple[int | None, ...]) -> BoolArray:
    """Give `values` as booleans of the wanted shape; 0 and 1 are taken too, anything else is refused.

    Raises
    ------
    ValueError
        For another shape or an entry that is neither true nor false.

    Examples
    --------
    >>> booleans([1, 0], "settled", (2,)).tolist()
    [True, False]
    """
    array = floats(values, name, shape, low=0.0, high=1.0)
    if not np.isin(array, (0.0, 1.0)).all():
        raise ValueError(f"{name} must be true or false.")
    return array.astype(np.bool_)


def count(value: int, name: str, *, low: int = 1, high: int | None = None) -> int:
    """Give a whole number of at least `low` and at most `high`.

    Raises
    ------
    ValueError
        If it is out of range or not whole.

    Examples
    --------
    >>> count(3, "n_stages")
    3
    """
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(f"{name} must be a whole number.")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be at least {low}{'' if high is None else f' and at most {high}'}, not {value}.")
    return int(value)


def number(value: float, name: str, *, low: float = 0.0, high: float = np.inf) -> float:
    """Give a finite number in ``low < value <= high``.

    Raises
    ------
    ValueError
        If it is NaN, infinite or out of range.

    Examples
    --------
    >>> number(21, "half_life_days")
    21.0
    """
    if not np.isfinite(value) or not low < value <= high:
        raise ValueError(f"{name} must be above {low:g} and at most {high:g}, not {value}.")
    return float(value)


def interview_weights(weights: npt.ArrayLike | None, size: int) -> Array:
    """Give one weight of at least 0 for each of `size` interviews; 1 each where none are given.

    Raises
    ------
    ValueError
        For NaN, a negative weight, or another length.

    Examples
    --------
    >>> interview_weights(None, 2).tolist()
    [1.0, 1.0]
    """
    if weights is None:
        return np.ones(size)
    return floats(weights, "weights", (size,), low=0.0)


def ragged(sequences: Sequences, name: str, *, stop: int) -> tuple[IntArray, IntArray]:
    """Lay sequences of different lengths end to end.

    Returns
    -------
    flat : ndarray of int64, shape (sum of lengths,)
    offsets : ndarray of int64, shape (sequences + 1,)
        Sequence i is ``flat[offsets[i]:offsets[i + 1]]``.

    Raises
    ------
    ValueError
        For an entry that is not a whole number in ``0 <= entry < stop``.

    Examples
    --------
    >>> flat, offsets = ragged([[0, 1], [], [2]], "sequences", stop=3)
    >>> flat.tolist(), offsets.tolist()
    ([0, 1, 2], [0, 2, 2, 3])
    """
    parts = [integers(np.asarray(sequence), name, stop=stop) for sequence in sequences]
    offsets = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([part.size for part in parts], out=offsets[1:])
    return (np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)), offsets


def bounds(offsets: npt.ArrayLike, size: int) -> IntArray:
    """Give the offsets of ragged rows laid end to end: from 0 up to `size`, never going down.

    Raises
    ------
    ValueError
        If they are empty, do not start at 0, go down, or do not end at `size`.

    Examples
    --------
    >>> bounds([0, 2, 2], 2).tolist()
    [0, 2, 2]
    """
    array = integers(offsets, "offsets", stop=size + 1)
    if array.size == 0 or array[0] != 0 or array[-1] != size or bool((np.diff(array) < 0).any()):
        raise ValueError(f"offsets must start at 0, never go down and end at the number of entries, {size}.")
    return array


def square(values: npt.ArrayLike, name: str, *, low: float = -np.inf, high: float = np.inf) -> Array:
    """Give a square matrix of at least one row.

    Raises
    ------
    ValueError
        If it is empty, not square, or holds NaN, infinity or an entry out of range.

    Examples
    --------
    >>> square([[0.0]], "first", low=0.0).shape
    (1, 1)
    """
    array = floats(values, name, (None, None), low=low, high=high)
    if array.shape[0] == 0 or array.shape[0] != array.shape[1]:
        raise ValueError(f"{name} must be a square matrix of at least one row, not {array.shape}.")
    return array


def transition_matrix(matrix: npt.ArrayLike) -> Array:
    """Give a K x (K + 3) matrix of shares whose rows sum to 1: K stages, then won, lost and no decision.

    Raises
    ------
    ValueError
        For another shape, NaN, a negative share, or a row that does not sum to 1.

    Examples
    --------
    >>> transition_matrix([[0.45, 0.4, 0.05, 0.1]]).shape
    (1, 4)
    """
    array = floats(matrix, "matrix", (None, None), low=0.0)
    if array.shape[0] == 0 or array.shape[1] != array.shape[0] + N_OUTCOMES:
        raise ValueError(f"matrix must have K rows and K + {N_OUTCOMES} columns, not {array.shape}.")
    if bool((np.abs(array.sum(axis=1) - 1.0) > TOLERANCE).any()):
        raise ValueError("Every row of matrix must sum to 1.")
    return array


def probabilities(values: npt.ArrayLike, name: str, n_stages: int) -> Array:
    """Give one probability distribution over the stages, (K,), or one a row, (deals, K).

    Raises
    ------
    ValueError
        For another shape, NaN, a negative probability, or a sum that is not 1.

    Examples
    --------
    >>> probabilities([0.5, 0.5], "position", 2).tolist()
    [0.5, 0.5]
    """
    array = np.asarray(values, dtype=np.float64)
    array = floats(array, name, (None, n_stages) if array.ndim > 1 else (n_stages,), low=0.0)
    if bool((np.abs(array.sum(axis=-1) - 1.0) > TOLERANCE).any()):
        raise ValueError(f"{name} must sum to 1.")
    return array
