from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from buying_process import selectors, services
from buying_process.models import StageActivity
from buying_process.selectors.stories import Story, Told, days_between_moments, typical_days
from buying_process.selectors.told_needs import Span, nearest
from core.exceptions import ApplicationError
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def theirs(version, name):
    return StageActivity.objects.get(stage__version=version, code__isnull=False, name=name)


def story(*days):
    return Story(1, None, 1.0, tuple(Told(place, code, day, None) for place, (code, day) in enumerate(days)))


def test_map_holds_stages_lanes_and_returns_in_three_queries(draft, designer):
    first, *_ = draft.stages.all()
    services.stage_activity_add(
        stage=first,
        name="Guide",
        actor_kind="marketing",
        purpose="facilitates",
        facilitates=theirs(draft, "a"),
        actor=designer,
    )
    version = selectors.versions(designer).get(pk=draft.pk)
    with CaptureQueriesContext(connection) as captured:
        journey = selectors.journey_map(version, mode="deal", probabilities={first.pk: 0.7}, seller_stage_id=first.pk)
    assert len(captured) == 3
    assert [stage.probability for stage in journey.stages] == [0.7, 0.0, 0.0]
    assert journey.stages[0].seller_here
    assert [activity.helps for activity in journey.stages[0].activities] == ["", "", "a"]
    assert [(back.from_position, back.to_position, back.seen) for back in journey.returns] == [(1, 0, 2)]


def test_fit_of_a_draft_says_to_publish(draft):
    with pytest.raises(ApplicationError, match="publish it first"):
        selectors.fit_of(draft)


def test_fit_cannot_be_written_to(in_workspace, designer):
    fit = selectors.fit_of(make.published(in_workspace, designer))
    with pytest.raises(ValueError, match="read-only"):
        fit.matrix[0, 0] = 1.0


def test_quotes_let_every_customer_speak_once_first(draft):
    quotes = selectors.quotes_of_stage(draft.stages.first())
    assert [quote.speaker.customer for quote in quotes[:5]] == [f"Customer {number}" for number in range(1, 6)]
    assert quotes[0].text == "Then we came to a."


def test_quotes_of_a_transition_to_an_outcome_are_the_last_moments(draft):
    ended = draft.transitions.get(from_stage__position=2, outcome="won")
    steps = selectors.quotes_of_transition(ended)
    assert [(step.before, step.after) for step in steps] == [("f", "Bought from us")] * 2


def test_quotes_behind_a_transition_are_as_many_as_its_count(draft):
    for move in draft.transitions.all():
        assert len(selectors.quotes_of_transition(move)) == move.seen


def test_chaos_is_explained_in_words(draft):
    sentences = selectors.chaos(draft)
    assert all("“" in sentence for sentence in sentences)
    assert any("the other way round" in sentence or "as often as after" in sentence for sentence in sentences)


def test_enough_counts_newer_interviews(draft, in_workspace):
    make.tell(in_workspace, ["a", "b"], customer="Late")
    enough = selectors.enough(draft)
    assert enough.newer == 1
    assert enough.sentence.startswith("A 6th interview is likely to bring")


def test_span_belongs_to_the_nearest_activity_and_ties_to_the_earlier():
    def span(start, end):
        return Span(1, start, end, start, "activity", "", "")

    early, late = span(0, 10), span(30, 40)
    assert nearest(span(15, 20), [early, late]) == early
    assert nearest(span(18, 22), [late, early]) == early
    assert nearest(span(28, 35), [early, late]) == late


def test_days_between_moments_skip_what_is_not_dated():
    dated = story((1, date(2026, 1, 1)), (2, None), (3, date(2026, 1, 11)))
    assert days_between_moments([dated]) == 5.0
    assert days_between_moments([story((1, None))]) == 7.0


def test_typical_days_run_from_a_visits_first_date_to_the_next_stage():
    told = story((1, date(2026, 1, 1)), (1, date(2026, 1, 3)), (2, date(2026, 1, 9)), (1, date(2026, 1, 29)))
    assert typical_days([told], {1: 0, 2: 1}) == {0: 8.0, 1: 20.0}
