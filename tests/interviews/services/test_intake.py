"""Files become interviews: kept, read, looked through, confirmed."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from audit.models import AuditEvent
from core.exceptions import ApplicationError
from core.files import MAX_BYTES
from interviews.models import Interview, Passage, Source
from interviews.selectors import passages_of
from interviews.services import QuestionInput, answer_save, guide_save
from interviews.services.intake import (
    Given,
    intake_confirm_start,
    intake_start,
    passage_move,
    source_confirm,
    source_discard,
    source_facts,
    source_speakers,
)
from tests.factories import interviews as factory
from tests.factories.sources import CALL, brought, call, work

ACCOUNT = "Customer: Quay Mill\nOutcome: lost\nDate: 2026-01-09\n\nWe searched the internet for other products.\n"


@pytest.fixture
def dora(in_workspace, designer):
    return designer


def confirm(source, actor):
    facts, _ = source_facts(source)
    return source_confirm(source=source, actor=actor, facts=facts)


def question(source, position):
    return source.intake.guide_version.questions.get(position=position)


def test_files_are_read_each_by_itself_and_a_bad_one_says_why(dora):
    intake = brought(dora, ("Osier.txt", ACCOUNT), ("call.vtt", CALL), ("scan.pdf", b"%PDF-1.7"), ("none.txt", b""))
    assert [(source.name, source.state) for source in intake.sources.all()] == [
        ("Osier.txt", "sorted"),
        ("call.vtt", "sorted"),
        ("scan.pdf", "refused"),
        ("none.txt", "refused"),
    ]
    assert intake.sources.get(name="scan.pdf").reason.startswith("scan.pdf is a PDF.")
    assert intake.sources.get(name="none.txt").reason == "none.txt is empty."
    assert bytes(intake.sources.get(name="scan.pdf").content) == b""
    assert Interview.objects.count() == 0


def test_workbook_that_another_program_wrote_oddly_stops_no_other_file(dora):
    whole, odd = io.BytesIO(), io.BytesIO()
    Workbook().save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(odd, "w") as target:
        for item in source.infolist():
            target.writestr(item, source.read(item).replace(b'<fills count="2">', b'<fills count="3"><fill/>'))
    intake = brought(dora, ("odd.xlsx", odd.getvalue()), ("Osier.txt", ACCOUNT))
    assert list(intake.sources.values_list("name", "state")) == [("odd.xlsx", "refused"), ("Osier.txt", "sorted")]
    assert intake.sources.get(name="odd.xlsx").reason.startswith("odd.xlsx is corrupt or not a workbook.")


def test_file_that_is_too_large_is_not_kept(dora):
    source = brought(dora, ("large.txt", b"x" * (MAX_BYTES + 1))).sources.get()
    assert (source.state, bytes(source.content)) == ("refused", b"")
    assert source.reason.startswith("large.txt is larger than 25 MB.")


def test_customers_turns_are_told_and_sorted_by_meaning(dora):
    source = call(dora)
    rows = source.passages.select_related("question").order_by("position")
    assert [(row.speaker, row.told, row.starts_ms) for row in rows] == [
        ("Ida Sand", False, 1_000),
        ("Tom Berg", True, 5_500),
        ("Ida Sand", False, 70_000),
        ("Tom Berg", True, 74_000),
    ]
    assert [row.question.job for row in rows if row.told] == ["recognise", "commit"]
    assert source.facts == {"customer": "Harbour Mills", "held_on": "2026-03-02"}
    assert [(row["name"], row["answers"]) for row in source.speakers] == [("Ida Sand", False), ("Tom Berg", True)]


def test_reading_a_job_twice_reads_nothing_twice(dora):
    source = call(dora)
    before = list(Passage.objects.values())
    job = source.intake.job
    job.state = "queued"
    job.save(update_fields=["state"])
    work(job)
    assert list(Passage.objects.values()) == before


def test_confirming_makes_the_interview_and_an_excerpt_knows_its_time(dora):
    source = call(dora)
    made = confirm(source, dora)
    assert (made.customer, made.held_on.isoformat(), made.source) == ("Harbour Mills", "2026-03-02", source)
    told = factory.answer(made, 6).text
    assert told == "The board approved the budget and the contract was signed."
    assert made.account == f"{factory.answer(made, 1).text}\n\n{told}"
    excerpt = factory.coded(made, "contract was signed", "Sign", actor=dora, position=6)
    assert passages_of([excerpt])[excerpt.pk].starts_ms == 74_000
    source.refresh_from_db()
    assert (source.state, bytes(source.content)) == ("done", b"")
    assert AuditEvent.objects.filter(verb="source.confirm").count() == 1
    with pytest.raises(ApplicationError, match="not waiting to be looked through"):
        confirm(source, dora)


def test_passage_follows_its_words_and_goes_with_them(dora):
    made = confirm(call(dora), dora)
    answer = factory.answer(made, 6)
    answer_save(answer=answer, text=f"Well. {answer.text}", version=None, actor=dora)
    passage = Passage.objects.get(answer=answer)
    assert (passage.start, passage.end) == (6, 6 + len(answer.text))
    answer_save(answer=answer, text="Nothing.", version=None, actor=dora)
    passage.refresh_from_db()
    assert passage.answer is None
    assert passage.text == answer.text


def test_moved_passage_counts_where_it_was_moved_to(dora):
    source = call(dora)
    first, last = source.passages.filter(told=True).order_by("position")
    passage_move(passage=first, question=question(source, 3), actor=dora)
    passage_move(passage=last, question=None, actor=dora)
    made = confirm(source, dora)
    assert [answer.question.position for answer in made.answers.exclude(text="").select_related("question")] == [3]
    assert made.account == first.text


def test_passage_is_not_moved_to_another_guides_question_or_once_confirmed(dora):
    source = call(dora)
    version = source.intake.guide_version
    other = guide_save(
        guide=version.guide,
        based_on=1,
        title="How you buy",
        introduction="",
        questions=[QuestionInput(text="Why?", job="solve")],
        actor=dora,
    )
    assert other.pk != version.pk  # what was brought in keeps its wording
    passage = source.passages.filter(told=True).first()
    with pytest.raises(ApplicationError, match="another guide"):
        passage_move(passage=passage, question=other.questions.get(), actor=dora)
    confirm(source, dora)
    with pytest.raises(ApplicationError, match="not waiting"):
        passage_move(passage=passage, question=None, actor=dora)


def test_whose_words_count_can_be_changed(dora):
    source = source_speakers(source=call(dora), tell={"Ida Sand"}, actor=dora)
    assert set(source.passages.filter(told=True).values_list("speaker", flat=True)) == {"Ida Sand"}
    with pytest.raises(ApplicationError, match="Somebody's words"):
        source_speakers(source=source, tell=set(), actor=dora)


def test_nothing_told_makes_no_interview(dora):
    source = call(dora)
    source.passages.update(told=False)
    with pytest.raises(ApplicationError, match="No passage answers a question yet"):
        confirm(source, dora)
    assert Interview.objects.count() == 0


def test_same_file_twice_changes_nothing(dora):
    source = call(dora)
    assert call(dora).state == "known"
    confirm(source, dora)
    again = call(dora, name="other name.vtt")
    assert (again.state, again.reason) == ("known", f"The same file was brought in as {source.name}.")
    assert Interview.objects.count() == 1
    Interview.objects.all().delete()
    assert call(dora).state == "sorted"  # its interview is gone, so it may come again


def test_all_that_name_their_customer_are_made_at_once(dora):
    intake = brought(dora, ("a.txt", ACCOUNT), ("Harbour Mills.vtt", CALL), ("2026.txt", "We searched the internet."))
    job = work(intake_confirm_start(intake=intake, actor=dora))
    assert job.result == {"interviews": 2}
    assert sorted(Interview.objects.values_list("customer", "outcome")) == [
        ("Harbour Mills", "open"),
        ("Quay Mill", "lost"),
    ]
    assert intake.sources.get(name="2026.txt").state == "sorted"


def test_discarded_file_leaves_its_interview(dora):
    source = call(dora)
    made = confirm(source, dora)
    source_discard(source=source, actor=dora)
    made.refresh_from_db()
    assert made.source is None
    assert Source.objects.count() == 0


@pytest.mark.parametrize(("files", "words"), [([], "Choose at least one"), ([Given("a", b"x")] * 101, "at most 100")])
def test_none_and_too_many_are_refused(dora, files, words):
    with pytest.raises(ApplicationError, match=words):
        intake_start(actor=dora, files=files)
