import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.derivation import fit_stages
from journey.steps import Steps, none
from journey.transitions import counts, fit

OUTCOMES = ["won", "lost", "no_decision"]


@st.composite
def purchases(draw):
    n = draw(st.integers(1, 6))
    k = draw(st.integers(1, 4))
    home = draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))
    paths = draw(st.lists(st.lists(st.integers(0, n - 1), min_size=1, max_size=7), max_size=6))
    outcomes = draw(st.lists(st.sampled_from(OUTCOMES), min_size=len(paths), max_size=len(paths)))
    return n, k, home, paths, outcomes


def slow_steps(n, paths, outcomes, weight=1.0):
    summed = none(n)
    for path, outcome in zip(paths, outcomes, strict=True):
        summed.starts[path[0]] += weight
        summed.ends[path[-1], OUTCOMES.index(outcome)] += weight
        for before, after in itertools.pairwise(path):
            summed.follows[before, after] += weight
    return summed


@settings(deadline=None)
@given(purchases())
def test_summed_paths_give_the_moves_of_the_paths(purchase):
    n, k, home, paths, outcomes = purchase
    steps = slow_steps(n, paths, outcomes)
    by_stage = [[home[activity] for activity in path] for path in paths]
    np.testing.assert_allclose(steps.counts(home, k), counts(by_stage, outcomes, k))
    assert steps.first(home, k).tolist() == [sum(path[0] == stage for path in by_stage) for stage in range(k)]


@settings(deadline=None)
@given(purchases())
def test_further_paths_join_as_if_they_were_interviews_of_their_weight(purchase):
    n, k, home, paths, outcomes = purchase
    told, ends = paths[: len(paths) // 2], outcomes[: len(paths) // 2]
    seen, seen_ends = paths[len(paths) // 2 :], outcomes[len(paths) // 2 :]
    joined = fit_stages(told, ends, home, k, further=slow_steps(n, seen, seen_ends, 0.25))
    weights = [1.0] * len(told) + [0.25] * len(seen)
    by_stage = [[home[activity] for activity in path] for path in [*told, *seen]]
    together = fit(by_stage, [*ends, *seen_ends], k, weights=weights)
    np.testing.assert_allclose(joined.transitions.matrix, together.matrix)
    np.testing.assert_allclose(joined.transitions.start, together.start)
    alone = fit_stages(told, ends, home, k)
    np.testing.assert_array_equal(joined.told, alone.told)
    np.testing.assert_array_equal(joined.counts, alone.counts)
    np.testing.assert_array_equal(alone.further, np.zeros((k, k + 3)))


def test_stage_out_of_range_is_refused():
    with pytest.raises(ValueError, match="home"):
        Steps(np.zeros((1, 1)), np.zeros((1, 3)), np.zeros(1)).counts([1], 1)
