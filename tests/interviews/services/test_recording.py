"""Interviews, answers and segments are written by services, with an audit row that keeps texts out."""

from datetime import date

import pytest

from audit.models import AuditEvent
from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.models import Interview
from tests.factories import interviews as factory


def test_interview_gets_an_empty_answer_to_each_question(in_workspace, designer):
    made = services.interview_create(actor=designer, customer="Harbour Mills", held_on=date(2026, 3, 2))
    assert [(row.question.position, row.text) for row in made.answers.select_related("question")] == [
        (number, "") for number in range(1, 7)
    ]
    assert (made.outcome, made.recorded_by, made.guide_version.number) == ("open", designer, 1)


@pytest.mark.parametrize("facts", [{"customer": ""}, {"outcome": "perhaps"}, {"weight": 0}, {"customer": "x" * 161}])
def test_interview_refuses_what_does_not_fit(in_workspace, designer, facts):
    with pytest.raises(ApplicationError):
        services.interview_create(**{"actor": designer, "customer": "A", "held_on": date(2026, 3, 2)} | facts)
    assert not Interview.objects.exists()


def test_answer_saves_and_its_version_rises(in_workspace, designer):
    answer = factory.answer(factory.interview(designer, texts={}), 1)
    saved = services.answer_save(answer=answer, text="One.\r\nTwo.", version=1, actor=designer)
    assert (saved.text, saved.version, saved.updated_by) == ("One.\nTwo.", 2, designer)


def test_answer_saved_from_an_old_version_is_a_conflict(in_workspace, designer):
    answer = factory.answer(factory.interview(designer, texts={}), 1)
    services.answer_save(answer=answer, text="Theirs.", version=1, actor=designer)
    with pytest.raises(ConflictError):
        services.answer_save(answer=answer, text="Mine.", version=1, actor=designer)
    answer.refresh_from_db()
    assert answer.text == "Theirs."


def test_answer_saved_twice_alike_is_no_conflict(in_workspace, designer):
    answer = factory.answer(factory.interview(designer, texts={}), 1)
    services.answer_save(answer=answer, text="The same.", version=1, actor=designer)
    saved = services.answer_save(answer=answer, text="The same.", version=1, actor=designer)
    assert saved.version == 2


def test_facts_changed_by_another_are_a_conflict(in_workspace, designer):
    made = factory.interview(designer)
    services.interview_update(interview=made, version=made.version, actor=designer, customer="Harbour Mill")
    with pytest.raises(ConflictError):
        services.interview_update(interview=made, version=1, actor=designer, customer="Harbor Mills")
    made.refresh_from_db()
    assert (made.customer, made.version) == ("Harbour Mill", 2)


def test_interview_whose_recorder_left_is_still_changed(in_workspace, designer):
    made = factory.interview(designer)
    Interview.objects.filter(pk=made.pk).update(recorded_by=None)
    services.interview_update(interview=made, version=1, actor=designer, role="owner")
    made.refresh_from_db()
    assert (made.role, made.version) == ("owner", 2)


def test_audit_rows_hold_no_answers_and_no_notes(in_workspace, designer):
    made = factory.told_interview(designer, notes="The secret canary sings")
    services.interview_update(interview=made, version=None, actor=designer, notes="Another canary")
    answer = factory.answer(made)
    services.answer_save(answer=answer, text=f"Canary. {answer.text}", version=None, actor=designer)
    told = str(list(AuditEvent.objects.values("changes", "object_label")))
    for words in ("anary", "department", "walked the line", "maintenance lead"):
        assert words not in told
    assert "answer.save" in set(AuditEvent.objects.values_list("verb", flat=True))


def test_each_write_leaves_one_audit_row(in_workspace, designer):
    made = factory.interview(designer)
    before = AuditEvent.objects.count()
    segment = services.segment_create(name="Food", actor=designer)
    services.segment_update(segment=segment, actor=designer, name="Food and drink")
    services.interview_update(interview=made, version=None, actor=designer, segment=segment)
    services.interview_update(interview=made, version=None, actor=designer, segment=segment)
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))[before:] == [
        "segment.create",
        "segment.update",
        "interview.update",
    ]


def test_segment_of_the_same_name_in_other_letters_is_refused(in_workspace, designer):
    services.segment_create(name="Food", actor=designer)
    with pytest.raises(ApplicationError):
        services.segment_create(name="FOOD", actor=designer)
