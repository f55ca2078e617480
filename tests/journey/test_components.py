import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.components import (
    coverage_component,
    effort_component,
    evidence_component,
    position_component,
    position_components,
)
from journey.transitions import fit, open_matrix

MATRIX = fit([[0, 1, 0, 1, 2], [0, 2, 1]], ["won", "lost"], 3).matrix
CREDIT = [[1, 0.6, 0.3], [0.4, 1, 0.5], [0.1, 0.3, 1]]
shares = st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).dirichlet(np.ones(3)))
flags = st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(shares, st.integers(-1, 2)), max_size=6))
def test_position_components_equal_slow_sum(deals):
    positions = np.array([position for position, _ in deals]).reshape(-1, 3)

    many = position_components(positions, CREDIT, [stage for _, stage in deals])

    for found, (position, stage) in zip(many, deals, strict=True):
        one = position_component(position, CREDIT, None if stage < 0 else stage)
        if stage < 0:
            assert one is None
            assert math.isnan(found)
        else:
            assert found == one == pytest.approx(sum(position[s] * CREDIT[stage][s] for s in range(3)))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=8), st.integers(0, 3))
def test_evidence_component_equals_slow_count(items, stage):
    due = [done for of, entry, done in items if (of == stage if entry else of < stage)]
    columns = [list(column) for column in zip(*items, strict=True)] or [[], [], []]

    found = evidence_component(*columns, stage)

    assert found == (pytest.approx(sum(due) / len(due)) if due else None)
    assert evidence_component(*columns, None) is None


@settings(deadline=None)
@given(flags, shares, st.data())
def test_coverage_component_equals_slow_sum(needed, position, data):
    met = data.draw(st.lists(st.booleans(), min_size=len(needed), max_size=len(needed)))
    weight = [sum(p for p, here in zip(position, row, strict=True) if here) for row in needed]

    found = coverage_component(np.array(needed).reshape(-1, 3), met, position)

    total = sum(weight)
    have = sum(w for w, here in zip(weight, met, strict=True) if here)
    assert found == (pytest.approx(have / total) if total else None)


@settings(deadline=None)
@given(flags, shares)
def test_effort_component_equals_slow_mean(efforts, position):
    later = position @ open_matrix(MATRIX)
    worth = [max(sum(p[s] for s in range(3) if row[s]) for p in (position, later)) for row in efforts]

    found = effort_component(np.array(efforts).reshape(-1, 3), position, MATRIX)

    assert found == (pytest.approx(sum(worth) / len(worth)) if worth else None)


def test_coverage_component_of_needs_in_impossible_stages_has_nothing_to_measure():
    assert coverage_component([[0, 1]], [False], [1.0, 0.0]) is None


def test_effort_component_of_effort_for_no_stage_is_none_at_all():
    assert effort_component([[0, 0, 0]], [1, 0, 0], MATRIX) == 0


@pytest.mark.parametrize(
    ("position", "stage", "sentence"),
    [
        ([0.5, 0.5], 0, "positions must have the shape"),
        ([0.5, 0.5, 0.5], 0, "positions must sum to 1"),
        ([math.nan, 0, 1], 0, "NaN"),
        ([1, 0, 0], 3, "stages must lie between -1 and 2"),
    ],
)
def test_position_component_refuses(position, stage, sentence):
    with pytest.raises(ValueError, match=sentence):
        position_component(position, CREDIT, stage)


def test_position_component_refuses_credit_above_one():
    with pytest.raises(ValueError, match="credit must lie between 0 and 1"):
        position_component([1.0], [[2.0]], 0)


def test_evidence_component_refuses_lists_of_different_lengths():
    with pytest.raises(ValueError, match="evidence_settled must have the shape 1"):
        evidence_component([0], [False], [True, True], 1)


def test_coverage_component_refuses_shares():
    with pytest.raises(ValueError, match="needed must be true or false"):
        coverage_component([[0.5, 1]], [True], [0.5, 0.5])


def test_effort_component_refuses_another_number_of_stages():
    with pytest.raises(ValueError, match="same number of stages"):
        effort_component([[1, 0]], [0.5, 0.5], MATRIX)
