"""A survey's rows become interviews: mapped, checked, loaded once."""

import pytest

from audit.models import AuditEvent
from core.exceptions import ApplicationError
from interviews.models import Answer, Interview, Segment
from interviews.services.surveys import survey_map_columns, survey_start
from tests.factories import interviews as factory
from tests.factories.sources import SURVEY, brought, work


@pytest.fixture
def dora(in_workspace, designer):
    return designer


@pytest.fixture
def survey(dora):
    return brought(dora, ("survey.csv", SURVEY)).sources.get().survey


def run(survey, actor, *, dry_run):
    work(survey_start(survey=survey, actor=actor, dry_run=dry_run))
    survey.refresh_from_db()
    return (survey.created_count, survey.changed_count, survey.unchanged_count, survey.refused_count)


def test_columns_and_outcomes_are_guessed(survey):
    assert survey.mapping == {
        "columns": {
            "external_id": "Response ID",
            "customer": "Company",
            "role": "Role",
            "segment": "Industry",
            "held_on": "Submitted",
            "outcome": "Result",
            "question_1": "How did you see that you must change?",
            "question_2": "Who had a stake",
        },
        "dates": "day",
        "outcomes": {"Nothing": "no_decision", "Bought from you": "won", "Went with another": "lost"},
    }
    assert (survey.row_count, survey.source.state) == (4, "columns")


def test_check_writes_nothing_and_names_each_bad_row(survey, dora):
    assert run(survey, dora, dry_run=True) == (2, 0, 0, 2)
    assert (Interview.objects.count(), Segment.objects.count(), survey.state) == (0, 0, "checked")
    assert not AuditEvent.objects.filter(verb__startswith="interview.").exists()
    assert list(survey.errors.values_list("row", "column", "value", "reason")) == [
        (4, "Company", "", "The customer is missing."),
        (5, "Submitted", "soon", "“soon” is not a date that we read; 2026-11-22 always works."),
    ]


def test_loading_makes_interviews_that_know_their_row(survey, dora):
    assert run(survey, dora, dry_run=False) == (2, 0, 0, 2)
    made = Interview.objects.get(external_id="r-2")
    assert (made.customer, made.role, made.segment.name, made.outcome) == ("Osier", "owner", "food", "lost")
    assert (made.held_on.isoformat(), made.source, made.source_row) == ("2026-02-03", survey.source, 3)
    assert factory.answer(made, 1).text == "The law changed."
    assert survey.source.__class__.objects.get().state == "done"


def test_same_rows_twice_change_nothing_and_changed_ones_are_brought_up_to_date(survey, dora):
    run(survey, dora, dry_run=False)
    before = list(Interview.objects.values()), list(Answer.objects.values())
    assert run(survey, dora, dry_run=False) == (0, 0, 2, 2)
    assert (list(Interview.objects.values()), list(Answer.objects.values())) == before
    later = SURVEY.replace("The law changed.", "The law changed again.").replace(
        "Harbour Mills,buyer", "Harbour Mills,"
    )
    again = brought(dora, ("later.csv", later)).sources.get().survey
    assert run(again, dora, dry_run=False) == (0, 1, 1, 2)  # an empty cell says nothing
    assert factory.answer(Interview.objects.get(external_id="r-2"), 1).text == "The law changed again."
    assert Interview.objects.get(external_id="r-1").role == "buyer"


def test_rows_without_an_id_are_known_by_what_they_say(dora):
    text = "Company,Question 1\nOsier,The pumps failed.\nOsier,The pumps failed.\nOsier,The law changed.\n"
    survey = brought(dora, ("a.csv", text)).sources.get().survey
    assert run(survey, dora, dry_run=False) == (2, 0, 0, 1)
    assert survey.errors.get().reason == "The same interview stands in row 2 already."
    assert run(survey, dora, dry_run=False) == (0, 0, 2, 1)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"question_1": "Company"}, "names the customer"),
        ({"customer": "Company"}, "at least one of the questions"),
        ({"customer": "Company", "question_1": "Company"}, "chosen twice"),
    ],
)
def test_columns_that_do_not_serve_are_refused(survey, dora, columns, words):
    with pytest.raises(ApplicationError, match=words):
        survey_map_columns(survey=survey, actor=dora, columns=columns, dates="day")


@pytest.mark.parametrize(
    ("head", "cell", "words"),
    [
        ("Weight", "heavy", "not a weight"),
        ("Weight", "0", "above 0"),
        ("Outcome", "perhaps", "Nobody said yet how"),
    ],
)
def test_cells_that_cannot_be_read_are_named(dora, head, cell, words):
    text = f"Company,Question 1,{head}\nOsier,The pumps failed.,{cell}\n"
    survey = brought(dora, ("a.csv", text)).sources.get().survey
    outcomes = dict.fromkeys(survey.mapping["outcomes"], "")
    work(survey_start(survey=survey, actor=dora, dry_run=True, outcomes=outcomes))
    problem = survey.errors.get()
    assert (problem.row, problem.column, problem.value) == (2, head, cell)
    assert words in problem.reason
