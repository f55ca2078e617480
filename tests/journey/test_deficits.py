import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.alignment import align
from journey.deficits import deficits, what_if
from journey.distance import credit
from journey.facts import Facts
from journey.transitions import fit

K = 3
MATRIX = fit([[0, 1, 0, 1, 2], [0, 2, 1]], ["won", "lost"], K).matrix
CREDIT = credit(MATRIX)


@st.composite
def facts(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    evidence, roles, needs, efforts = (draw(st.integers(0, 4)) for _ in range(4))
    return Facts(
        position=rng.dirichlet(np.ones(K)),
        stage=draw(st.none() | st.integers(0, K - 1)),
        evidence_stage=rng.integers(0, K, evidence),
        evidence_entry=rng.random(evidence) < 0.5,
        evidence_settled=rng.random(evidence) < 0.5,
        roles_needed=rng.random((roles, K)) < 0.5,
        roles_engaged=rng.random(roles) < 0.5,
        needs=rng.random((needs, K)) < 0.5,
        needs_met=rng.random(needs) < 0.5,
        efforts=rng.random((efforts, K)) < 0.5,
    )


def every_change(known):
    yield from (("position", stage) for stage in range(K))
    yield from (("evidence", item) for item in range(len(known.evidence_settled)))
    yield from (("people", item) for item in range(len(known.roles_engaged)))
    yield from (("information", item) for item in range(len(known.needs_met)))
    yield from (("effort", stage) for stage in range(K))


@settings(deadline=None)
@given(facts())
def test_deficits_state_exactly_what_the_change_lifts(known):
    present = align(known, CREDIT, MATRIX).score or 0

    for deficit in deficits(known, CREDIT, MATRIX, count=99):
        after = align(what_if(known, deficit.component, deficit.index), CREDIT, MATRIX).score
        assert deficit.score == after, "bit for bit, though all are measured at once"
        assert deficit.lift == after - present
        assert deficit.lift > 0


@settings(deadline=None)
@given(facts())
def test_deficits_start_with_the_best_of_all_changes(known):
    present = align(known, CREDIT, MATRIX).score or 0
    best = max((align(what_if(known, *change), CREDIT, MATRIX).score or 0) - present for change in every_change(known))

    found = deficits(known, CREDIT, MATRIX)

    assert len(found) <= 3
    assert [round(one.lift, 9) for one in found] == sorted((round(one.lift, 9) for one in found), reverse=True)
    assert (found[0].lift if found else 0) == pytest.approx(max(best, 0), abs=1e-8)
    assert len([one for one in found if one.component in {"position", "effort"}]) <= 2


@settings(deadline=None)
@given(facts())
def test_what_if_leaves_the_facts_alone(known):
    before = align(known, CREDIT, MATRIX)

    for change in every_change(known):
        what_if(known, *change)

    assert align(known, CREDIT, MATRIX) == before


@pytest.mark.parametrize(
    ("component", "index", "sentence"),
    [
        ("luck", 0, "component must be one of position, evidence, people, information, effort"),
        ("position", K, "index must be at least 0 and below 3 for position"),
        ("evidence", 0, "below 0 for evidence"),
        ("effort", -1, "index must be at least 0"),
    ],
)
def test_what_if_refuses(component, index, sentence):
    none, nothing = np.zeros(0, dtype=bool), np.zeros((0, K), dtype=bool)
    known = Facts(np.array([1, 0, 0]), 0, np.zeros(0, dtype=int), none, none, nothing, none, nothing, none, nothing)

    with pytest.raises(ValueError, match=sentence):
        what_if(known, component, index)


def test_deficits_of_a_perfect_deal_are_none():
    none, nothing = np.zeros(0, dtype=bool), np.zeros((0, K), dtype=bool)
    known = Facts(np.array([0, 1, 0]), 1, np.zeros(0, dtype=int), none, none, nothing, none, nothing, none, nothing)

    assert align(known, CREDIT, MATRIX).score == 100
    assert deficits(known, CREDIT, MATRIX) == ()
