from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.apportion import apportion

AMOUNTS = st.lists(st.floats(-40, 40).map(lambda value: round(value, 3)), max_size=12)


def slowly(values, total):
    """Give tenths one by one: always to whoever is furthest below its value."""
    tenths = [int((Fraction(str(value)) * 10).__floor__()) for value in values]
    live = [place for place, value in enumerate(values) if value] or list(range(len(values)))
    owed = sorted(live, key=lambda place: (tenths[place] - Fraction(str(values[place])) * 10, place))
    for place in owed[: round(total * 10) - sum(tenths)]:
        tenths[place] += 1
    return [tenth / 10 for tenth in tenths]


@given(AMOUNTS)
def test_rounded_values_sum_to_the_rounded_total_and_stay_close(values):
    total = round(sum(values), 1)
    found = apportion(values, total=total)
    assert found.sum() == pytest.approx(total, abs=1e-9)
    assert np.abs(found - values).max(initial=0) < 0.1 + 1e-6
    assert all(found[place] == 0 for place, value in enumerate(values) if value == 0)
    assert found.tolist() == pytest.approx(slowly(values, total))


def test_total_that_is_no_rounding_of_the_sum_is_still_met():
    assert apportion([1.0, 2.0], total=2.8).tolist() == [0.9, 1.9]
    assert apportion([0.0, 0.0], total=0.1).tolist() == [0.1, 0.0]
    assert apportion([]).tolist() == []
    with pytest.raises(ValueError, match="must not be empty"):
        apportion([], total=1)
