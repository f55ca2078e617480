"""Suggestions by the real sentence-embedding model: offered, accepted, refused, never counted before."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.embeddings import embed
from core.exceptions import ApplicationError
from interviews import services
from interviews.choices import SuggestionState
from interviews.models import Excerpt, Suggestion
from interviews.selectors import coverage, interview_rows, suggestion_job
from interviews.services.matching import Candidate, Line, Memory, best_matches, scores
from jobs.choices import JobState
from jobs.models import Job
from tests.factories import interviews as factory

TEXTS = {
    1: "Our old reporting system was slow and crashed every week. The canteen has nice chairs.",
    5: "We asked two other agencies that had bought something similar what they had learned.",
    6: "The board approved the budget for the new system in March.",
}


@pytest.fixture
def made(in_workspace, designer):
    services.starter_codebook_add(actor=designer)
    return factory.interview(designer, texts=TEXTS)


def waiting(made):
    rows = Suggestion.objects.filter(answer__interview=made, state=SuggestionState.OPEN, code__kind="activity")
    return {(row.quote, row.code.name) for row in rows.select_related("code")}


def test_sentences_find_the_codes_that_they_speak_of(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    found = waiting(made)
    assert ("Our old reporting system was slow and crashed every week.", "Notice what no longer works") in found
    assert (TEXTS[5], "Ask others who have done it") in found
    assert (TEXTS[6], "Secure the money") in found
    assert not any("chairs" in quote for quote, _ in found)


def test_at_most_one_activity_is_offered_for_a_sentence(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    quotes = [quote for quote, _ in waiting(made)]
    assert len(quotes) == len(set(quotes))


def test_suggestion_counts_for_nothing_until_it_is_accepted(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    row = interview_rows(designer).get(pk=made.pk)
    assert (row.passages, row.moments_told, coverage(designer).coded) == (0, 0, 0)
    assert row.waiting > 0
    suggestion = Suggestion.objects.filter(answer__interview=made).first()
    excerpt = services.suggestion_accept(suggestion=suggestion, actor=designer)
    suggestion.refresh_from_db()
    assert (excerpt.code, excerpt.quote, excerpt.coded_by) == (suggestion.code, suggestion.quote, designer)
    assert (suggestion.state, suggestion.decided_by, suggestion.excerpt) == ("accepted", designer, excerpt)
    assert interview_rows(designer).get(pk=made.pk).passages == 1


def test_refused_one_is_never_offered_for_that_sentence_again(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    suggestion = Suggestion.objects.get(quote=TEXTS[6], code__name="Secure the money")
    services.suggestion_refuse(suggestion=suggestion, actor=designer)
    services.interview_suggest(interview=made, actor=designer)
    assert (TEXTS[6], "Secure the money") not in waiting(made)
    answer = factory.answer(made, 6)
    services.answer_save(answer=answer, text=f"Listen. {TEXTS[6]}", version=None, actor=designer)
    services.interview_suggest(interview=made, actor=designer)
    assert (TEXTS[6], "Secure the money") not in waiting(made)


def test_running_again_keeps_what_was_decided_and_repeats_nothing(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    accepted = Suggestion.objects.get(quote=TEXTS[5], code__kind="activity")
    services.suggestion_accept(suggestion=accepted, actor=designer)
    before = waiting(made)
    services.interview_suggest(interview=made, actor=designer)
    assert waiting(made) == before
    accepted.refresh_from_db()
    assert accepted.state == SuggestionState.ACCEPTED


def test_other_code_refuses_the_machines_own(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    suggestion = Suggestion.objects.get(quote=TEXTS[6], code__name="Secure the money")
    other = factory.code(designer, "Get the nod")
    excerpt = services.suggestion_accept(suggestion=suggestion, actor=designer, code=other)
    suggestion.refresh_from_db()
    assert (excerpt.code, suggestion.state) == (other, SuggestionState.REFUSED)


def test_decision_can_be_undone_and_is_made_once(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    suggestion = Suggestion.objects.filter(answer__interview=made).first()
    services.suggestion_accept(suggestion=suggestion, actor=designer)
    with pytest.raises(ApplicationError, match="already"):
        services.suggestion_refuse(suggestion=suggestion, actor=designer)
    services.suggestion_reopen(suggestion=suggestion, actor=designer)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by, Excerpt.objects.count()) == ("open", None, 0)


def test_undone_decision_keeps_what_a_person_coded_before(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    suggestion = Suggestion.objects.get(quote=TEXTS[6], code__name="Secure the money")
    former = services.excerpt_add(
        answer=suggestion.answer,
        code=factory.code(designer, "Get the nod"),
        start=suggestion.start,
        end=suggestion.end,
        actor=designer,
    )
    assert services.suggestion_accept(suggestion=suggestion, actor=designer, code=former.code) == former
    services.suggestion_reopen(suggestion=suggestion, actor=designer)
    assert list(Excerpt.objects.all()) == [former]


def test_own_coding_of_the_sentence_answers_the_suggestion(made, designer):
    services.interview_suggest(interview=made, actor=designer)
    factory.coded(made, "approved the budget", "Secure the money", actor=designer, position=6)
    assert (TEXTS[6], "Secure the money") not in waiting(made)


def test_job_finds_suggestions_and_says_how_many(made, designer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        job = services.suggest_start(interview=made, actor=designer)
        assert services.suggest_start(interview=made, actor=designer) == job
    assert suggestion_job(made) == job
    services.suggest_run(job_id=job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.result) == (JobState.DONE, {"suggestions": Suggestion.objects.count()})
    assert suggestion_job(made) is None


def test_no_codes_is_said_instead_of_searched(in_workspace, designer):
    with pytest.raises(ApplicationError, match="no codes"):
        services.suggest_start(interview=factory.interview(designer), actor=designer)


def test_what_people_coded_so_before_draws_like_sentences():
    sentence = "Grandma's clock in the hall struck seven when the lorry came."
    plain = Candidate("Odd moments", "", (), "", exclusive=True)
    taught = Candidate("Odd moments", "", ("The clock in grandma's hall struck seven.",), "", exclusive=True)
    memory = Memory(embed)
    lines = [Line(sentence, 0, "")]
    assert scores(lines, [taught], memory)[0, 0] > 0.9 > scores(lines, [plain], memory)[0, 0]


def test_one_sentence_a_block_and_code_and_one_activity_a_sentence():
    def stub(texts):
        table = {"go": [1, 0], "go now, all of you": [1, 0], "we all go out now": [0.9, 0.1], "stay": [0, 1]}
        rows = np.array([table[text] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    lines = [Line("go now, all of you", 0, ""), Line("we all go out now", 0, "")]
    codes = [Candidate("go", "", (), "", exclusive=True), Candidate("stay", "", (), "", exclusive=True)]
    found = best_matches(lines, codes, stub, least=0.0, least_other=1.0)
    assert [(match.line, match.candidate) for match in found] == [(0, 0)]


def test_memory_asks_the_model_once_and_forgets_the_oldest():
    asked = []

    def model(texts):
        asked.extend(texts)
        return np.array([[float(len(text)), 1.0] for text in texts], dtype=np.float32)

    memory = Memory(model, size=2)
    assert memory(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    memory(["bb", "ccc"])
    memory(["a"])
    assert asked == ["a", "bb", "ccc", "a"]


def test_memory_is_shared_by_threads_while_it_forgets():
    def model(texts):
        return np.array([[float(text), 1.0] for text in texts], dtype=np.float32)

    memory = Memory(model, size=3)

    def ask(first):
        return all(
            memory([str(first), str(number), str(first)])[:, 0].tolist() == [first, number, first]
            for number in range(300)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))
