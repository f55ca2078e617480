"""Figures rounded so that they still add up: what a person adds on the screen is the sum that the screen shows."""

import numpy as np
import numpy.typing as npt

from journey import checks
from journey.checks import Array

_NOTHING = 1e-9  # units; what is below it is 0 but for rounding


def apportion(values: npt.ArrayLike, *, digits: int = 1, total: float | None = None) -> Array:
    """Round values so that the rounded ones sum to the rounded total.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        May be negative.
    digits : int, optional
        Decimals to keep, at least 0.
    total : float, optional
        What they shall sum to; their own sum, rounded, where not given. It is rounded too.

    Returns
    -------
    ndarray of float64, shape (n,)
        Each is its value rounded down or up; only where `total` is no rounding of their sum, further off. A 0 stays 0
        while there is any other value.

    Raises
    ------
    ValueError
        For NaN, infinite values, or a total other than 0 of no values.

    Notes
    -----
    All are rounded down, and what is missing goes in single units to those that lost most; O(n log n). Ties go to the
    first.

    References
    ----------
    .. [1] M. L. Balinski, H. P. Young, "Fair Representation", 1982: the method of largest remainders (Hamilton).

    Examples
    --------
    >>> apportion([1.04, 1.04, 1.04]).tolist()
    [1.1, 1.0, 1.0]
    >>> apportion([-0.26, 0.0, 0.06], total=-0.3).tolist()
    [-0.3, 0.0, 0.0]
    """
    amounts = checks.floats(values, "values", (None,))
    unit = 10.0 ** checks.count(digits, "digits", low=0)
    scaled = amounts * unit
    wanted = round(float(amounts.sum() if total is None else total) * unit)
    live = np.flatnonzero(np.abs(scaled) > _NOTHING)
    live = live if live.size else np.arange(scaled.size)
    units = np.zeros(scaled.size)
    units[live] = np.floor(scaled[live] + _NOTHING)
    missing = wanted - int(units.sum())
    if missing and not live.size:
        raise ValueError("values must not be empty where total is not 0.")
    by_loss = live[np.argsort((units[live] - scaled[live]).round(9), kind="stable")]
    step = 1 if missing > 0 else -1
    for place in range(abs(missing)):
        units[(by_loss if missing > 0 else by_loss[::-1])[place % by_loss.size]] += step
    return np.asarray(units / unit)
