import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.chains import along, ratios


def slow_ratios(stories, outcomes, n, strength):
    def chain_row(before, counted, prior):
        counts = [prior[after] for after in range(n)]
        for story in counted:
            for previous, after in zip([n, *story], story, strict=False):
                if previous == before:
                    counts[after] += 1
        return [count / sum(counts) for count in counts]

    table = np.zeros((n + 1, n, 3))
    for before in range(n + 1):
        whole = chain_row(before, stories, [1 / n] * n)
        for outcome in range(3):
            own = [story for story, ended in zip(stories, outcomes, strict=True) if ended == outcome]
            row = chain_row(before, own, [strength * share for share in whole])
            table[before, :, outcome] = [math.log(mine / all_) for mine, all_ in zip(row, whole, strict=True)]
    return table


@st.composite
def pasts(draw):
    n = draw(st.integers(1, 4))
    stories = draw(st.lists(st.lists(st.integers(0, n - 1), max_size=6), max_size=6))
    outcomes = draw(st.lists(st.integers(0, 2), min_size=len(stories), max_size=len(stories)))
    return n, stories, outcomes, draw(st.sampled_from([0.5, 20.0]))


def end_to_end(stories):
    return np.array([a for story in stories for a in story], dtype=np.int64), np.cumsum([0, *map(len, stories)])


@settings(deadline=None)
@given(pasts())
def test_ratios_equal_slow_ratios(case):
    n, stories, outcomes, strength = case

    table = ratios(*end_to_end(stories), np.array(outcomes, dtype=np.int64), n, strength=strength)

    assert table == pytest.approx(slow_ratios(stories, outcomes, n, strength), abs=1e-12)
    sums = along(*end_to_end(stories), table)
    for story, total in zip(stories, sums, strict=True):
        steps = zip([n, *story], story, strict=False)
        assert total == pytest.approx(sum((table[a, b] for a, b in steps), np.zeros(3)), abs=1e-12)


def test_ratios_of_an_outcome_that_none_had_are_nothing():
    assert ratios([0, 1], [0, 2], [0], 2)[:, :, 1:].tolist() == np.zeros((3, 2, 2)).tolist()


def test_ratios_of_no_past_are_nothing():
    assert not ratios([], [0], [], 3).any()


def test_ratios_of_one_activity_say_nothing():
    assert not ratios([0, 0, 0], [0, 2, 3], [0, 2], 1).any()


def test_ratios_lean_towards_how_it_ended():
    table = ratios([0, 1, 0, 0], [0, 2, 4], [0, 1], 2)

    assert table[0, 1, 0] > 0 > table[0, 1, 1]
    assert table[0, 0, 1] > 0 > table[0, 0, 0]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"signals": [2]}, "signals must lie between 0 and 1"),
        ({"offsets": [0, 2]}, "offsets must"),
        ({"outcomes": [3]}, "outcomes must lie between 0 and 2"),
        ({"outcomes": [0, 1]}, "outcomes must be a row of 1"),
        ({"n_activities": 0}, "n_activities must be at least 1"),
        ({"strength": 0.0}, "strength must be above 0"),
    ],
)
def test_ratios_refuse(changed, sentence):
    given_ = {"signals": [0], "offsets": [0, 1], "outcomes": [0], "n_activities": 2} | changed

    with pytest.raises(ValueError, match=sentence):
        ratios(**given_)


@pytest.mark.parametrize(
    ("signals", "table", "sentence"),
    [
        ([2], np.zeros((3, 2, 3)), "signals must lie between 0 and 1"),
        ([0], np.zeros((2, 2, 3)), "table must have the shape n"),
        ([0], np.zeros((1, 0, 3)), "table must have the shape n"),
        ([0], np.zeros((3, 2, 2)), "table must have the shape"),
        ([0], np.full((3, 2, 3), np.nan), "NaN"),
    ],
)
def test_along_refuses(signals, table, sentence):
    with pytest.raises(ValueError, match=sentence):
        along(signals, [0, 1], table)
