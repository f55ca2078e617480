"""The logarithm of the gamma function over arrays, with numpy alone."""

import numpy as np

from journey.checks import Array

_SHIFT = 8  # from here on Stirling's series is exact to 1e-10
_HALF_LOG_TAU = 0.9189385332046727


def log_gamma(values: Array) -> Array:
    """Give ln gamma of values above 0: Stirling's series from 8 up, the recurrence below.

    Parameters
    ----------
    values : ndarray of float64
        Above 0, of any shape; not checked, for this stands in the innermost loop.

    Returns
    -------
    ndarray of float64
        Of the same shape, to 1e-10.

    Notes
    -----
    O(size). Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.1.15 and 6.1.41.

    Examples
    --------
    >>> log_gamma(np.array([1.0, 0.5, 5.0])).round(4).tolist()
    [0.0, 0.5724, 3.1781]
    """
    high = values + _SHIFT
    inverse = 1.0 / high
    series = (high - 0.5) * np.log(high) - high + _HALF_LOG_TAU
    series += inverse * (1.0 / 12.0 - inverse**2 * (1.0 / 360.0 - inverse**2 / 1260.0))
    product = values.copy() if isinstance(values, np.ndarray) else np.asarray(values)
    for step in range(1, _SHIFT):
        product = product * (values + step)
    return np.asarray(series - np.log(product))
