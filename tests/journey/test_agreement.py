import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.agreement import agreement

judgements = st.lists(st.lists(st.sampled_from([None, 0, 1, 2]), min_size=3, max_size=3), max_size=9)


def counted(units, categories=3):
    return [[unit.count(category) for category in range(categories)] for unit in units] or [[0] * categories]


def slow(units):
    """Go through every ordered pair of judgements, within a unit and overall, as the definition says."""
    pairable = [[value for value in unit if value is not None] for unit in units]
    pairable = [unit for unit in pairable if len(unit) > 1]
    values = list(itertools.chain(*pairable))
    observed = sum(
        sum(a != b for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1) for unit in pairable
    ) / max(len(values), 1)
    pairs = list(itertools.permutations(values, 2))
    expected = sum(a != b for a, b in pairs) / max(len(pairs), 1)
    return (1 - observed / expected if expected else None), len(pairable), len(values)


@settings(deadline=None)
@given(judgements)
def test_agreement_equals_slow_definition(units):
    alpha, pairable, values = slow(units)

    found = agreement(counted(units))

    assert (found.units, found.judgements) == (pairable, values)
    assert found.alpha == (None if alpha is None else pytest.approx(alpha))


def test_agreement_of_coders_who_always_agree_is_one():
    assert agreement([[2, 0], [0, 2], [3, 0]]).alpha == 1


def test_agreement_without_anything_told_apart_is_none():
    assert agreement([[0, 2], [0, 2]]).alpha is None
    assert agreement([[1, 0]]).alpha is None
    assert agreement([[0, 0]]).units == 0


def test_passages_that_nobody_codes_do_not_make_strangers_agree():
    """Of 200 passages each coder marks two, never the same: 98% of the judgements are equal, and that is chance."""
    apart = [[1, 1]] * 4 + [[2, 0]] * 196

    assert agreement(apart).observed == pytest.approx(0.02)
    assert agreement(apart).alpha == pytest.approx(-0.0076, abs=1e-4)


@pytest.mark.parametrize("counts", [[[1, -1]], [[0.5, 1]], [[float("nan"), 1]], [1, 2]])
def test_agreement_refuses_what_is_no_count(counts):
    with pytest.raises(ValueError, match="counts must"):
        agreement(counts)
