import numpy as np
import pytest
from hypothesis import given, settings

from journey.alignment import DEFAULT_WEIGHTS, align
from journey.breakdown import breakdown
from journey.transitions import open_matrix
from tests.journey.test_deficits import CREDIT, MATRIX, K, facts


def slowly(known, component):
    """Give the weight within the part, and the share that is there, of each thing, as MODEL says it in words."""
    if component == "position":
        return [(known.position[stage], CREDIT[known.stage, stage]) for stage in range(K)]
    if component == "evidence":
        return [
            (float(of == known.stage if entry else of < known.stage), float(done))
            for of, entry, done in zip(known.evidence_stage, known.evidence_entry, known.evidence_settled, strict=True)
        ]
    if component in {"people", "information"}:
        table, there = (
            (known.roles_needed, known.roles_engaged) if component == "people" else (known.needs, known.needs_met)
        )
        return [
            (sum(p for p, needs in zip(known.position, row, strict=True) if needs), float(done))
            for row, done in zip(table, there, strict=True)
        ]
    later = known.position @ open_matrix(MATRIX)
    return [(1.0, max(known.position[row].sum(), later[row].sum())) for row in known.efforts]


@settings(deadline=None)
@given(facts())
def test_single_things_sum_to_the_parts_and_to_the_score(known):
    whole = align(known, CREDIT, MATRIX)
    found = breakdown(known, CREDIT, MATRIX)
    applies = [name for name in DEFAULT_WEIGHTS.__slots__ if getattr(whole.components, name) is not None]
    assert [each.component for each in found] == applies
    assert sum(each.got.sum() for each in found) == pytest.approx(whole.score or 0)
    for each in found:
        weight = 100 * getattr(whole.weights, each.component)
        things = slowly(known, each.component)
        total = sum(counts for counts, _ in things)
        assert each.possible == pytest.approx(np.array([weight * counts / total for counts, _ in things]))
        assert each.got == pytest.approx(np.array([weight * counts / total * there for counts, there in things]))
        assert each.got.sum() == pytest.approx(weight * getattr(whole.components, each.component))
