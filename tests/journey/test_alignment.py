import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.alignment import (
    DEFAULT_WEIGHTS,
    Components,
    align,
    align_many,
    combine,
    combine_many,
    components_of,
)
from journey.distance import credit
from journey.facts import Facts, FactsOfMany
from journey.transitions import fit

value = st.none() | st.floats(0, 1)
parts = st.builds(Components, value, value, value, value, value)
weight = st.sampled_from([0.0, 0.1, 0.4, 2.0])
weightings = st.builds(Components, weight, weight, weight, weight, weight)
NAMES = ["position", "evidence", "people", "information", "effort"]


@settings(deadline=None)
@given(parts, weightings)
def test_combine_equals_slow_mean(components, weights):
    known = [(getattr(components, name), getattr(weights, name)) for name in NAMES]
    known = [(value, weight) for value, weight in known if value is not None]
    total = sum(weight for _, weight in known)

    found = combine(components, weights)

    if total == 0:
        assert found.score is None
        return
    assert found.score == pytest.approx(100 * sum(value * weight for value, weight in known) / total)
    used = [getattr(found.weights, name) for name in NAMES]
    assert sum(share for share in used if share is not None) == pytest.approx(1)
    lost = [getattr(found.lost(), name) for name in NAMES]
    assert sum(points for points in lost if points is not None) == pytest.approx(100 - found.score, abs=1e-9)


@settings(deadline=None)
@given(st.lists(parts, max_size=5), weightings)
def test_combine_many_equals_combine(deals, weights):
    table = [[math.nan if getattr(deal, name) is None else getattr(deal, name) for name in NAMES] for deal in deals]

    many = combine_many(np.array(table).reshape(-1, 5), weights)

    for found, deal in zip(many, deals, strict=True):
        alone = combine(deal, weights).score
        assert math.isnan(found) if alone is None else found == pytest.approx(alone)


def test_combine_shares_out_the_weight_of_what_does_not_apply():
    found = combine(Components(position=0.5, evidence=None, people=None, information=None, effort=1.0))

    assert found.score == pytest.approx(60)
    assert found.weights == Components(pytest.approx(0.8), None, None, None, pytest.approx(0.2))


def test_combine_of_nothing_has_no_score():
    nothing = Components(None, None, None, None, None)

    assert combine(nothing).score is None
    assert combine(nothing).weights == combine(nothing).lost() == nothing


def test_default_weights_sum_to_one():
    assert sum(getattr(DEFAULT_WEIGHTS, name) for name in NAMES) == pytest.approx(1)


@pytest.mark.parametrize(
    ("components", "weights", "sentence"),
    [
        (Components(1.5, None, None, None, None), DEFAULT_WEIGHTS, "values must lie between 0 and 1"),
        (Components(math.nan, None, None, None, None), DEFAULT_WEIGHTS, "components must not hold NaN"),
        (Components(1, None, None, None, None), Components(-1, 0, 0, 0, 0), "weights must lie between 0"),
        (Components(1, None, None, None, None), Components(math.nan, 0, 0, 0, 0), "weights must not hold NaN"),
    ],
)
def test_combine_refuses(components, weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        combine(components, weights)


def test_combine_many_refuses_other_columns():
    with pytest.raises(ValueError, match="values must have the shape any x 5"):
        combine_many([[1.0, 1.0]])


def test_align_measures_every_part():
    facts = Facts(
        position=np.array([0.2, 0.8]),
        stage=1,
        evidence_stage=np.array([0, 0, 1, 1]),
        evidence_entry=np.array([False, False, True, False]),
        evidence_settled=np.array([True, False, False, True]),
        roles_needed=np.array([[True, True], [False, True]]),
        roles_engaged=np.array([True, False]),
        needs=np.array([[True, False], [False, True]]),
        needs_met=np.array([True, False]),
        efforts=np.array([[False, True], [True, False]]),
    )

    found = align(facts, [[1, 0.5], [0.4, 1]], [[0.5, 0.5], [0.25, 0.75]])

    assert found.components == Components(
        position=pytest.approx(0.2 * 0.4 + 0.8),
        evidence=pytest.approx(1 / 3),
        people=pytest.approx(1 / 1.8),
        information=pytest.approx(0.2),
        effort=pytest.approx((0.8 + 0.3) / 2),
    )
    assert found.score == pytest.approx(40 * 0.88 + 20 / 3 + 15 / 1.8 + 15 * 0.2 + 10 * 0.55)
    for name in NAMES:
        assert getattr(found.weights, name) == pytest.approx(getattr(DEFAULT_WEIGHTS, name))


def many_facts(seed, deals, k):
    rng = np.random.default_rng(seed)
    items, roles, needs, efforts = (int(count) for count in rng.integers(0, 6, 4))
    return FactsOfMany(
        positions=rng.dirichlet(np.ones(k), deals),
        stages=rng.integers(-1, k, deals),
        evidence_stage=rng.integers(0, k, items),
        evidence_entry=rng.random(items) < 0.3,
        evidence_settled=rng.random((deals, items)) < 0.5,
        roles_needed=rng.random((roles, k)) < 0.5,
        roles_engaged=rng.random((deals, roles)) < 0.5,
        needs=rng.random((needs, k)) < 0.5,
        needs_met=rng.random((deals, needs)) < 0.5,
        efforts=rng.random((efforts, k)) < 0.5,
        effort_deals=rng.integers(0, deals, efforts),
    )


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 6))
def test_align_many_gives_each_deal_alone_the_same_bits(seed, deals, k):
    facts = many_facts(seed, deals, k)
    matrix = fit([np.random.default_rng(seed).integers(0, k, 6) for _ in range(4)], ["won", None, "lost", "won"], k)
    likely = credit(matrix.matrix)

    many = align_many(facts, likely, matrix.matrix)

    for row in range(deals):
        stage = int(facts.stages[row])
        alone = align(
            Facts(
                position=facts.positions[row],
                stage=None if stage < 0 else stage,
                evidence_stage=facts.evidence_stage,
                evidence_entry=facts.evidence_entry,
                evidence_settled=facts.evidence_settled[row],
                roles_needed=facts.roles_needed,
                roles_engaged=facts.roles_engaged[row],
                needs=facts.needs,
                needs_met=facts.needs_met[row],
                efforts=facts.efforts[facts.effort_deals == row],
            ),
            likely,
            matrix.matrix,
        )
        assert alone.components == components_of(many.components[row])
        assert alone.weights == components_of(many.weights[row])
        assert alone.score == (None if math.isnan(many.scores[row]) else many.scores[row])
