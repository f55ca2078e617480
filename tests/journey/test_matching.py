from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from journey.matching import assign, kept_in_order, overlaps

GAINS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]),
)


@settings(deadline=None)
@given(GAINS)
def test_assign_gains_as_much_as_the_best_of_all_pairings(gain):
    rows, columns = gain.shape
    small = min(rows, columns)
    best = max(
        (
            sum(gain[row, column] for row, column in zip(chosen, order, strict=True))
            for chosen in combinations(range(rows), small)
            for order in permutations(range(columns), small)
        ),
        default=0.0,
    )
    pairs = assign(gain)
    assert sum(gain[pair] for pair in pairs) == pytest.approx(best)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(gain[pair] > 0 for pair in pairs)


@given(st.lists(st.integers(0, 8), max_size=7, unique=True))
def test_kept_in_order_is_a_longest_rising_choice(places):
    kept = sorted(kept_in_order(places))
    chosen = [places[index] for index in kept]
    assert chosen == sorted(chosen)
    rising = [
        len(choice)
        for size in range(len(places) + 1)
        for choice in combinations(places, size)
        if list(choice) == sorted(choice)
    ]
    assert len(kept) == max(rising)


def test_overlap_is_shared_over_all():
    assert overlaps([{1, 2, 3}, set()], [{2, 3, 4}, {9}]).tolist() == [[0.5, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("gain", [[[-1.0]], [[float("nan")]], [1.0]])
def test_assign_refuses_what_is_no_gain(gain):
    with pytest.raises(ValueError, match="gain"):
        assign(gain)
