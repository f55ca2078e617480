import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.interleaving import interleaving

TABLES = st.integers(1, 4).flatmap(
    lambda functions: st.lists(
        st.lists(st.integers(0, 4), min_size=functions, max_size=functions), min_size=1, max_size=5
    )
)


def drawn(counts):
    """Give the chance of two functions by drawing every pair of activities, with replacement."""
    activities = [function for function, count in enumerate(counts) for _ in range(count)]
    pairs = [(one, other) for one in activities for other in activities]
    return sum(one != other for one, other in pairs) / len(pairs) if pairs else None


def slow(table):
    together = [sum(column) for column in zip(*table, strict=True)]
    functions = sum(count > 0 for count in together)
    if functions == 0:
        return [None] * len(table), None
    if functions == 1:
        return [0.0 if sum(row) else None for row in table], 0.0
    stages = [None if drawn(row) is None else drawn(row) / (1 - 1 / functions) for row in table]
    within = sum(drawn(row) * sum(row) for row in table if sum(row)) / sum(together)
    return stages, within / drawn(together)


@given(TABLES)
def test_it_is_what_drawing_every_pair_gives(table):
    found = interleaving(table)
    stages, whole = slow(table)
    expected = [math.nan if value is None else value for value in stages]
    np.testing.assert_allclose(found.stages, expected, atol=1e-12)
    np.testing.assert_allclose(found.whole, math.nan if whole is None else whole, atol=1e-12)
    assert math.isnan(found.whole) or 0.0 <= found.whole <= 1.0


def test_one_function_in_each_stage_is_a_hand_over():
    assert interleaving([[3, 0, 0], [0, 1, 0], [0, 0, 2]]).whole == 0.0


def test_half_mixed():
    found = interleaving([[1, 1], [1, 0], [0, 1]])
    assert found.stages.tolist() == [1.0, 0.0, 0.0]
    assert found.whole == pytest.approx(0.5)


@pytest.mark.parametrize("counts", [[], [[]], [[-1, 1]], [[float("nan")]], [1, 2], [[float("inf")]]])
def test_what_is_no_table_of_counts_is_refused(counts):
    with pytest.raises(ValueError, match=r"counts must"):
        interleaving(counts)
