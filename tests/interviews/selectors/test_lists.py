"""Reads: found, filtered, counted, in constant numbers of queries."""

import pytest

from core import scope
from interviews import services
from interviews.selectors import (
    answer_views,
    code_options,
    code_rows,
    coverage,
    found_interviews,
    interview_rows,
    kind_counts,
    moment_views,
    quotes,
    waiting,
)
from interviews.selectors.coding import pieces
from tests.factories import interviews as factory


@pytest.fixture
def three(in_workspace, designer):
    food = services.segment_create(name="Food", actor=designer)
    return [
        factory.told_interview(designer, "Harbour Mills", segment=food),
        factory.interview(designer, "Velden Bakeries", role="owner", outcome="lost", texts={1: "We were walking."}),
        factory.interview(designer, "Osier Tools", role="buyer", outcome="no_decision", texts={}),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("harbour", {"Harbour Mills"}),
        ("Harb", {"Harbour Mills"}),
        ("walk", {"Harbour Mills", "Velden Bakeries"}),
        ("buyer", {"Osier Tools"}),
        ('"maintenance lead"', {"Harbour Mills"}),
        ("nothing of the kind", set()),
        ("'); -- & | !", set()),
        ("", {"Harbour Mills", "Velden Bakeries", "Osier Tools"}),
    ],
)
def test_search_reads_customers_roles_and_answers(three, designer, query, found):
    assert set(found_interviews(designer, query).values_list("customer", flat=True)) == found


def test_filters_and_order(three, designer):
    food = three[0].segment
    assert [row.customer for row in interview_rows(designer, segment=food.pk)] == ["Harbour Mills"]
    assert [row.customer for row in interview_rows(designer, outcome="lost")] == ["Velden Bakeries"]
    assert {row.customer for row in interview_rows(designer, state="uncoded")} == {"Velden Bakeries", "Osier Tools"}
    assert [row.customer for row in interview_rows(designer, sort="customer")] == [
        "Harbour Mills",
        "Osier Tools",
        "Velden Bakeries",
    ]
    assert [row.passages for row in interview_rows(designer, sort="-passages")] == [5, 0, 0]


def test_coverage_counts_all(three, designer, monkeypatch):
    counted = coverage(designer)
    assert (counted.total, counted.coded, counted.timed) == (3, 1, 1)
    assert {group.label: group.number for group in counted.segments} == {"No segment": 2, "Food": 1}
    assert {group.label: group.number for group in counted.outcomes} == {
        "Bought from us": 1,
        "Bought from another": 1,
        "No decision": 1,
    }
    monkeypatch.setattr("interviews.selectors.lists.MOST_GROUPS", 1)
    folded = coverage(designer)
    assert [(group.label, group.number) for group in folded.segments] == [("No segment", 2), ("1 other", 1)]
    assert (folded.outcomes[-1].label, folded.outcomes[-1].number) == ("2 others", 2)


def test_what_waits_for_a_designer(three, designer):
    factory.suggestion(three[1], "We were walking.", "Walk the line together", actor=designer, position=1)
    found = waiting(designer)
    assert found.suggestions == 1
    assert [row.customer for row in found.suggested] == ["Velden Bakeries"]
    assert (found.uncoded, found.untimed) == ((), ())


def test_quotes_name_the_interview_in_one_query(three, designer, django_assert_num_queries):
    code = factory.code(designer)
    with django_assert_num_queries(1):
        rows = [
            (row.quote, row.answer.interview.customer, row.answer.question.position, row.code.name)
            for row in quotes(code_ids=[code.pk], interview_ids=[three[0].pk])
        ]
    assert rows == [("walked the line together", "Harbour Mills", 3, "Walk the line together")] * 2
    assert quotes(interview_ids=[three[1].pk]).count() == 0


def test_codes_are_counted_and_found(three, designer):
    rows = {row.name: (row.passages, row.told_by) for row in code_rows()}
    assert rows["Walk the line together"] == (2, 1)
    assert [row.name for row in code_rows(kind="role")] == ["Maintenance lead"]
    assert next(row.name for row in code_rows(sort="told")) == "Walk the line together"
    assert {kind: number for kind, _, number in kind_counts()}["activity"] == 3
    assert [option["label"] for option in code_options("line")] == ["Walk the line together"]
    assert code_options("line", kind="role") == []


def test_pieces_join_to_the_text_and_know_overlaps(three, designer):
    factory.coded(three[0], "line together with finance", "Bring finance", actor=designer, kind="role")
    view = next(row for row in answer_views(three[0], designer) if row.excerpts)
    assert "".join(piece.text for piece in view.pieces) == view.answer.text
    both = [piece for piece in view.pieces if piece.overlaps]
    assert [(piece.text, piece.tone) for piece in both] == [("line together", "customer")]
    assert [piece.tone for piece in view.pieces if piece.text == " with finance"] == ["us"]


def test_pieces_of_an_empty_answer():
    assert pieces("", [], []) == []


def test_return_is_what_came_before(three):
    assert [view.is_return for view in moment_views(three[0])] == [False, False, False, True]


def test_nothing_of_another_workspace_is_found(three, outsider):
    with scope.in_workspace(outsider.workspace_id):
        assert list(found_interviews(outsider, "harbour")) == []
        assert coverage(outsider).total == 0
        assert code_options("line") == []
