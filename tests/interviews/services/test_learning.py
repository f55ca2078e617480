"""Suggestions learn from decisions: on the demo's own accounts, decided as their author coded them."""

import pytest
from django.utils import timezone

from interviews import services
from interviews.choices import SuggestionState
from interviews.models import Excerpt, Lesson, Suggestion
from interviews.selectors import decision_record
from interviews.services.learning import FEWEST, TASK
from journey.ranking import average_precision
from salesflow.demo import reader
from tests.factories import interviews as factory


@pytest.fixture(scope="module")
def accounts():
    return reader.read_interviews()


@pytest.fixture
def codes(in_workspace, designer):
    names = ("kind", "name", "description", "job", "channel")
    return {
        row.name: services.code_create(actor=designer, **{name: getattr(row, name) for name in names})
        for row in reader.read_codebook()
    }


def tell(told, designer):
    """Record an account and have suggestions looked for."""
    texts = {answer.question: answer.text for answer in told.answers}
    made = factory.interview(designer, told.customer, texts=texts)
    services.interview_suggest(interview=made, actor=designer)
    return made


def truth(told, made):
    """Give {suggestion: whether the author gave its sentence that code}."""
    rows = Suggestion.objects.filter(answer__interview=made).select_related("code", "answer__question")
    return {
        row: any(
            excerpt.code == row.code.name
            and excerpt.question == row.answer.question.position
            and excerpt.start < row.end
            and row.start < excerpt.end
            for excerpt in told.excerpts
        )
        for row in rows
    }


def decide(said, designer):
    for row, right in said.items():
        act = services.suggestion_accept if right else services.suggestion_refuse
        act(suggestion=row, actor=designer)


@pytest.mark.slow
def test_order_of_unseen_accounts_is_better_after_learning(accounts, codes, designer, record_property):
    """Seven accounts are decided; the suggestions of the other seven, which nobody decided, get in better order."""
    for told in accounts[::2]:
        decide(truth(told, tell(told, designer)), designer)
    said = {}
    for told in accounts[1::2]:
        said |= truth(told, tell(told, designer))
    before = average_precision(list(said.values()), [row.score for row in said])
    assert [row.score for row in said] == [row.likeness for row in said]

    changed = services.lesson_learn(workspace_id=designer.workspace_id)

    scores = dict(Suggestion.objects.values_list("pk", "score"))
    after = average_precision(list(said.values()), [scores[row.pk] for row in said])
    record_property("average precision", f"{before:.3f} to {after:.3f}, {len(said)} suggestions, {changed} moved")
    print(f"average precision {before:.3f} to {after:.3f} over {len(said)} suggestions; {changed} moved")
    assert before < 0.60
    assert after > before + 0.03
    lesson = Lesson.objects.get()
    assert lesson.after > lesson.before
    assert services.lesson_learn(workspace_id=designer.workspace_id) == 0
    # the next account is scored by what was learned, without another lesson
    made = tell(accounts[0], designer)
    assert any(row.score != row.likeness for row in Suggestion.objects.filter(answer__interview=made))


@pytest.fixture
def decided(in_workspace, designer):
    """Make decisions by hand, without the model: a code that is always right, and one that never is."""
    texts = [f"We measured line {number} again." for number in range(FEWEST)]
    made = factory.interview(designer, texts={3: " ".join(texts)})
    for number, text in enumerate(texts):
        row = factory.suggestion(made, text, "Right" if number % 2 else "Wrong", actor=designer)
        act = services.suggestion_accept if number % 2 else services.suggestion_refuse
        act(suggestion=row, actor=designer)
    return made


def test_record_counts_accepted_of_the_last_decisions(decided, designer):
    record = decision_record()
    assert (record.accepted, record.decided, record.share) == (FEWEST // 2, FEWEST, 0.5)
    Suggestion.objects.update(decided_at=timezone.now())
    services.suggestion_reopen(suggestion=Suggestion.objects.filter(state="accepted").first(), actor=designer)
    assert (decision_record().accepted, decision_record().decided) == (FEWEST // 2 - 1, FEWEST - 1)


def test_lesson_moves_what_waits_and_nothing_else(decided, designer):
    made = factory.interview(designer, "Other Mills", texts={3: "They measured line 9 too. They measured line 8 too."})
    right = factory.suggestion(made, "They measured line 9 too.", "Right", actor=designer, score=0.5)
    wrong = factory.suggestion(made, "They measured line 8 too.", "Wrong", actor=designer, score=0.5)
    before = list(Suggestion.objects.exclude(state=SuggestionState.OPEN).values_list("pk", "score", "state"))
    assert services.lesson_learn(workspace_id=designer.workspace_id) == 2
    right.refresh_from_db()
    wrong.refresh_from_db()
    assert right.score > 0.6
    assert wrong.score < 0.4
    assert (right.likeness, wrong.likeness) == (0.5, 0.5)
    assert list(Suggestion.objects.exclude(state=SuggestionState.OPEN).values_list("pk", "score", "state")) == before
    assert Excerpt.objects.filter(answer__interview=made).count() == 0


def test_same_decisions_teach_the_same(decided, designer):
    services.lesson_learn(workspace_id=designer.workspace_id)
    first = Lesson.objects.get().weights
    Lesson.objects.all().delete()
    services.lesson_learn(workspace_id=designer.workspace_id)
    assert Lesson.objects.get().weights == first


def test_lesson_is_rung_for_when_enough_decisions_are_new(decided, designer, monkeypatch):
    rung = []
    monkeypatch.setattr("interviews.services.learning.enqueue", lambda task, **ids: rung.append((task, ids)))
    services.lesson_learn(workspace_id=designer.workspace_id)
    texts = [f"We asked plant {number} then." for number in range(10)]
    made = factory.interview(designer, texts={3: " ".join(texts)})
    for text in texts:
        assert rung == []
        services.suggestion_accept(suggestion=factory.suggestion(made, text, "Ask", actor=designer), actor=designer)
    assert rung == [(TASK, {"workspace_id": designer.workspace_id})]


def test_too_few_decisions_teach_nothing(in_workspace, designer):
    assert services.lesson_learn(workspace_id=designer.workspace_id) == 0
    assert not Lesson.objects.exists()
