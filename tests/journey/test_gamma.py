"""ln gamma over arrays is that of the standard library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.gamma import log_gamma


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_it_is_the_standard_librarys(values):
    assert log_gamma(np.array(values)) == pytest.approx([math.lgamma(value) for value in values], rel=1e-10, abs=1e-9)
