"""Sums and products taken row by row in one fixed order, so that no row's result depends on the rows beside it.

The libraries behind a matrix product choose their order of adding by the size of the whole, so that one deal measured
alone and the same deal measured among a million differ in the last bit. A score that is compared must not.
"""

import numpy as np
import numpy.typing as npt

from journey.checks import Array

_BLOCK = 4096  # rows whose working arrays stay in the processor's cache together


def sums(rows: Array) -> Array:
    """Add up each row, from the first column to the last.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, K)

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where there is no column.

    Notes
    -----
    O(n K).

    Examples
    --------
    >>> sums(np.array([[0.5, 0.25], [1.0, 2.0]])).tolist()
    [0.75, 3.0]
    """
    total = np.zeros(rows.shape[0])
    for column in rows.T:
        total += column
    return total


def products(rows: Array, matrix: npt.ArrayLike) -> Array:
    """Multiply each row with a matrix.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, K)
    matrix : array_like of float, shape (K, J)

    Returns
    -------
    ndarray of float64, shape (n, J)
        ``rows @ matrix``; the terms of each sum are added from the first row of the matrix to the last.

    Notes
    -----
    O(n K J) time, O(n J) memory.

    Examples
    --------
    >>> products(np.array([[0.5, 0.5]]), [[1.0, 0.0], [0.5, 2.0]]).tolist()
    [[0.75, 1.0]]
    """
    table = np.asarray(matrix, dtype=np.float64)
    found = np.empty((rows.shape[0], table.shape[1]))
    for first in range(0, rows.shape[0], _BLOCK):
        block = np.ascontiguousarray(rows[first : first + _BLOCK].T)
        out = np.empty((table.shape[1], block.shape[1]))
        found[first : first + _BLOCK] = forward(block, table, out, np.empty_like(out)).T
    return found


def forward(columns: Array, matrix: Array, out: Array, scratch: Array) -> Array:
    """Do the same to rows that lie as columns, without taking memory: the innermost step of a filter.

    Parameters
    ----------
    columns : ndarray of float64, shape (K, n)
    matrix : ndarray of float64, shape (K, J)
    out, scratch : ndarray of float64, shape (J, n)
        Written to; neither may be `columns`.

    Returns
    -------
    ndarray of float64, shape (J, n)
        `out`.

    Notes
    -----
    O(n K J).

    Examples
    --------
    >>> out = np.empty((1, 2))
    >>> forward(np.array([[0.5, 1.0], [0.5, 0.0]]), np.array([[1.0], [3.0]]), out, np.empty((1, 2))).tolist()
    [[2.0, 1.0]]
    """
    out[:] = 0.0
    for column, share in zip(columns, matrix, strict=True):
        np.multiply(share[:, None], column, out=scratch)
        out += scratch
    return out
