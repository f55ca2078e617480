import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.distance import credit, first_passage
from journey.transitions import fit, open_matrix


@st.composite
def learned(draw):
    k = draw(st.integers(1, 6))
    paths = draw(st.lists(st.lists(st.integers(0, k - 1), max_size=8), max_size=6))
    return fit(paths, [None] * len(paths), k).matrix


def by_fundamental_matrix(flow):
    """Mean first passages of a regular chain from its fundamental matrix and its long run (Kemeny and Snell 4.4.7)."""
    k = len(flow)
    long_run = np.linalg.lstsq(
        np.vstack([flow.T - np.eye(k), np.ones(k)]), np.concatenate([np.zeros(k), [1]]), rcond=None
    )[0]
    fundamental = np.linalg.inv(np.eye(k) - flow + np.outer(np.ones(k), long_run))
    return (np.diag(fundamental)[None, :] - fundamental) / long_run[None, :]


@settings(deadline=None)
@given(learned())
def test_first_passage_equals_fundamental_matrix(matrix):
    assert first_passage(matrix) == pytest.approx(by_fundamental_matrix(open_matrix(matrix)), rel=1e-6, abs=1e-6)


@settings(deadline=None)
@given(learned())
def test_first_passage_is_one_step_plus_what_is_left(matrix):
    steps, flow = first_passage(matrix), open_matrix(matrix)
    for s in range(len(flow)):
        for t in range(len(flow)):
            left = sum(flow[s, u] * steps[u, t] for u in range(len(flow)))
            assert steps[s, t] == pytest.approx(0 if s == t else 1 + left)


@settings(deadline=None)
@given(learned(), st.sampled_from([1.0, 1.5, 4.0]))
def test_credit_equals_slow_formula(matrix, ahead):
    steps, found = first_passage(matrix), credit(matrix, ahead=ahead)
    k = len(steps)
    unit = sum(steps[s, s + 1] for s in range(k - 1)) / (k - 1) if k > 1 else 1
    for q in range(k):
        for s in range(k):
            expected = 1 if q == s else 2 ** (-ahead * steps[s, q] / unit) if q > s else 2 ** (-steps[q, s] / unit)
            assert found[q, s] == pytest.approx(expected)
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_first_passage_of_one_stage_is_zero():
    assert first_passage([[0.45, 0.4, 0.05, 0.1]]).tolist() == [[0]]


def test_first_passage_of_absorbing_stage_is_endless():
    steps = first_passage([[0.5, 0.5, 0], [0, 1, 0], [0.5, 0, 0.5]])

    assert steps.tolist() == [[0, 2, math.inf], [math.inf, 0, math.inf], [2, 4, 0]]


def test_first_passage_past_a_stage_that_may_be_missed_is_endless():
    steps = first_passage([[0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]])

    assert steps[0].tolist() == [0, math.inf, math.inf]


def test_first_passage_ignores_what_lies_behind_the_target():
    steps = first_passage([[0, 1, 0], [0, 0, 1], [0, 0, 1]])

    assert steps.tolist() == [[0, 1, 2], [math.inf, 0, 1], [math.inf, math.inf, 0]]


def test_first_passage_of_stage_that_only_ends_is_endless():
    assert first_passage([[0, 0, 1, 0, 0], [0.5, 0.2, 0.3, 0, 0]])[0].tolist() == [0, math.inf]


def test_first_passage_of_rounding_is_endless():
    assert first_passage([[1 - 1e-14, 1e-14], [0.5, 0.5]])[0, 1] == math.inf


def test_first_passage_of_rare_move_is_exact():
    assert first_passage([[1 - 1e-10, 1e-10], [0.5, 0.5]])[0, 1] == pytest.approx(1e10, rel=1e-12)


def test_credit_of_one_stage_is_full():
    assert credit([[0.45, 0.4, 0.05, 0.1]]).tolist() == [[1.0]]


def test_credit_where_the_way_is_never_gone_is_none():
    found = credit([[0, 1, 0], [0, 0, 1], [0, 0, 1]])

    assert found.tolist() == [[1, 0.5, 0.25], [2**-1.5, 1, 0.5], [2**-3, 2**-1.5, 1]]
    assert credit([[1, 0], [0, 1]]).tolist() == [[1, 0], [0, 1]]


def test_credit_where_nobody_goes_forward_takes_the_mean_of_all_steps():
    assert credit([[1, 0], [1, 0]]).tolist() == [[1, 0], [0, 1]]
    assert credit([[1, 0, 0], [1, 0, 0], [0, 1, 0]])[0].tolist() == [1, 0, 0]


def test_credit_leaves_endless_steps_out_of_the_unit():
    found = credit([[0.5, 0, 0.5], [0.5, 0.5, 0], [0, 1, 0]])
    endless = credit([[0.5, 0, 0.5], [0.5, 0.5, 0], [0, 0, 1]])

    assert found[1, 0] == pytest.approx(2 ** (-1.5 * 3 / 3.5))  # 0 > 2 > 1 in 2 + 1 moments, 1 > 0 > 2 in 2 + 2
    assert endless[1, 0] == 0
    assert endless[2, 0] == pytest.approx(2 ** (-1.5 * 2 / 4))  # stage 1 to 2 alone makes the unit: 2 + 2 moments


@pytest.mark.parametrize("ahead", [0, -1, math.inf, math.nan])
def test_credit_refuses_a_cost_that_is_none(ahead):
    with pytest.raises(ValueError, match="ahead must be above 0"):
        credit([[1.0]], ahead=ahead)


@pytest.mark.parametrize("matrix", [[[math.nan]], [[-1.0]], np.zeros((0, 0)), np.zeros((2, 3)), [[2.0]]])
def test_first_passage_refuses(matrix):
    with pytest.raises(ValueError, match="matrix"):
        first_passage(matrix)
