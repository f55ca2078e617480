"""How far several coders agree, beyond what chance would make of their habits (Krippendorff's alpha)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey import checks


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far coders agree.

    Attributes
    ----------
    alpha : float or None
        1 where they always agree, 0 where they agree as often as chance has it, below 0 where less often. None where
        every judgement is the same (or there is none): nothing was told apart, so nothing can be said.
    units : int
        Units judged at least twice; the others say nothing and are left out.
    judgements : int
        Judgements of those units.
    observed, expected : float
        Disagreement as it is and as chance would make it: shares of pairs, in [0, 1].
    """

    alpha: float | None
    units: int
    judgements: int
    observed: float
    expected: float


def agreement(counts: npt.ArrayLike) -> Agreement:
    """Give Krippendorff's alpha for nominal categories.

    Parameters
    ----------
    counts : array_like of int, shape (units, categories)
        How many coders put a unit into a category. A coder who did not judge a unit is counted nowhere in its row, so
        any number of coders and any gaps between them will do. May have no rows.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        For negative or broken counts, NaN, or another shape.

    Notes
    -----
    ``alpha = 1 - observed / expected``. Observed disagreement is the share of ordered pairs of judgements of one unit
    that differ, each unit weighted by its judgements over (judgements - 1); expected is that share over all pairs of
    all judgements, whichever unit they are of. O(units x categories).

    For whether a passage carries one code there are two categories, it does and it does not. Long stretches in which
    nobody uses a code do not raise the figure as they raise the plain share of equal judgements: where both say no
    nearly always, chance expects that.

    References
    ----------
    .. [1] K. Krippendorff, *Content Analysis*, 4th edition (2018), chapter 12.
    .. [2] K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011).

    Examples
    --------
    The published examples [2]_. A: two observers, two values; B: two observers, five values; C: four observers, gaps.

    >>> def table(*coders, values):
    ...     return [[unit.count(value) for value in values] for unit in zip(*coders)]
    >>> a = agreement(table("0100000010", "1110010000", values="01"))
    >>> round(a.alpha, 3), a.units, a.judgements
    (0.095, 10, 20)
    >>> round(agreement(table("aabbdcccedda", "babbbcccedd" "d", values="abcde")).alpha, 3)
    0.692
    >>> c = table("123321412...", "1233224125.3", ".33323422" "51.", "1233244125" "1.", values="12345")
    >>> round(agreement(c).alpha, 3)
    0.743
    """
    table = checks.floats(counts, "counts", (None, None), low=0)
    if (table != np.floor(table)).any():
        raise ValueError("counts must be whole numbers: how many coders chose a category.")
    judged = table.sum(axis=1)
    kept = judged >= 2  # noqa: PLR2004  a pair
    table, judged = table[kept], judged[kept]
    total = judged.sum()
    if total == 0:
        return Agreement(None, 0, 0, 0.0, 0.0)
    unlike = (judged**2 - (table**2).sum(axis=1)) / (judged - 1)
    observed = float(unlike.sum() / total)
    expected = float((total**2 - (table.sum(axis=0) ** 2).sum()) / (total * (total - 1)))
    alpha = 1 - observed / expected if expected > 0 else None
    return Agreement(alpha, int(kept.sum()), int(total), observed, expected)
