import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.signals import emissions

K = 4
activities = st.lists(st.tuples(st.integers(0, K - 1), st.sampled_from([0.0, 0.5, 1.0, 7.0])), min_size=1, max_size=9)


@settings(deadline=None)
@given(activities, st.sampled_from([0.01, 0.15, 1.0]))
def test_emissions_equal_slow_formula(known, noise):
    home, told = zip(*known, strict=True)

    found = emissions(home, told, K, noise=noise)

    for s in range(K):
        whole = sum(count + 1 for stage, count in known if stage == s)
        for a, (stage, count) in enumerate(known):
            own = (1 - noise) * (count + 1) / whole if stage == s else 0
            assert found[s, a] == pytest.approx(own + noise / len(known))
    assert found.min() > 0
    assert found.sum(axis=1) == pytest.approx([1 if s in home else noise for s in range(K)])


def test_emissions_of_one_activity_and_stage():
    assert emissions([0], [0], 1).tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("home", "told", "k", "noise", "sentence"),
    [
        ([], [], 1, 0.15, "at least one activity"),
        ([2], [1], 2, 0.15, "home must lie between 0 and 1"),
        ([-1], [1], 2, 0.15, "home must lie between 0 and 1"),
        ([0], [-1], 2, 0.15, "told must lie between 0"),
        ([0], [np.nan], 2, 0.15, "told must not hold NaN"),
        ([0], [1, 1], 2, 0.15, "told must have the shape 1"),
        ([0], [1], 0, 0.15, "n_stages must be at least 1"),
        ([0], [1], 2, 0, "noise must be above 0 and at most 1"),
        ([0], [1], 2, 1.1, "noise must be above 0 and at most 1"),
        ([0], [1], 2, np.nan, "noise must be above 0 and at most 1"),
    ],
)
def test_emissions_refuse(home, told, k, noise, sentence):
    with pytest.raises(ValueError, match=sentence):
        emissions(home, told, k, noise=noise)
