"""The coding page and the timeline, with htmx and without scripts."""

import csv
import io
import json

import pytest
from django.urls import reverse

from interviews import services
from interviews.models import Code, Excerpt, Suggestion
from interviews.selectors import moment_views
from jobs.models import Job
from tests.factories import interviews as factory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def dora(in_workspace, designer, client_of):
    return client_of(designer)


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]


def span(told, quote):
    answer = factory.answer(told)
    start = answer.text.index(quote)
    return answer, {"start": start, "end": start + len(quote), "version": answer.version}


def test_chosen_words_get_a_new_code(dora, told):
    answer, data = span(told, "with finance")
    url = reverse("interviews:excerpt_add", args=[answer.pk])
    response = dora.post(url, data | {"name": "Bring finance in", "kind": "activity"}, headers=HTMX)
    excerpt = Excerpt.objects.get(quote="with finance")
    assert (excerpt.code.name, excerpt.code.job) == ("Bring finance in", "solve")
    shown = response.content.decode()
    assert f'id="coded-{answer.pk}"' in shown
    assert ">with finance</mark>" in shown
    assert 'id="story" hx-swap-oob' in shown
    assert toast(response)["message"] == "Coded: Bring finance in."


def test_name_of_a_code_that_exists_is_that_code(dora, told):
    answer, data = span(told, "with finance")
    url = reverse("interviews:excerpt_add", args=[answer.pk])
    dora.post(url, data | {"name": "maintenance LEAD", "kind": "activity"}, headers=HTMX)
    assert Excerpt.objects.get(quote="with finance").code.kind == "role"


def test_sentence_from_the_list_is_coded_without_scripts(dora, told):
    answer, data = span(told, "We wrote down half the requirements.")
    chosen = {"sentence": f"{data['start']}-{data['end']}", "name": "Write it", "kind": "evidence", "version": 2}
    response = dora.post(reverse("interviews:excerpt_add", args=[answer.pk]), chosen)
    assert response.status_code == 302
    assert Code.objects.get(name="Write it").kind == "evidence"


@pytest.mark.parametrize(
    "data",
    [
        {"start": 0, "end": 4},
        {"name": "X"},
        {"start": 4, "end": 2, "name": "X"},
        {"start": 0, "end": 10**9, "name": "X"},
        {"start": 0, "end": 4, "code": 10**12},
        {"sentence": "x", "name": "X"},
    ],
)
def test_coding_that_does_not_fit_is_refused_with_a_sentence(dora, told, data):
    before = Excerpt.objects.count(), Code.objects.count()
    answer = factory.answer(told)
    response = dora.post(reverse("interviews:excerpt_add", args=[answer.pk]), data, headers=HTMX)
    assert response.status_code == 400
    assert toast(response)["level"] == "error"
    assert (Excerpt.objects.count(), Code.objects.count()) == before


def test_coding_in_an_older_text_is_a_conflict(dora, told, designer):
    answer, data = span(told, "with finance")
    services.answer_save(answer=answer, text="All new words.", version=None, actor=designer)
    response = dora.post(reverse("interviews:excerpt_add", args=[answer.pk]), data | {"name": "X"}, headers=HTMX)
    assert response.status_code == 409
    assert not Code.objects.filter(name="X").exists()


def test_removal_is_undone_by_its_toast(dora, told):
    excerpt = Excerpt.objects.get(quote="our maintenance lead")
    response = dora.post(reverse("interviews:excerpt_remove", args=[excerpt.pk]), headers=HTMX)
    assert not Excerpt.objects.filter(quote="our maintenance lead").exists()
    dora.post(toast(response)["undo_url"])
    assert Excerpt.objects.filter(quote="our maintenance lead").exists()


@pytest.mark.parametrize(("name", "state"), [("accept", "accepted"), ("refuse", "refused")])
def test_suggestion_is_decided_and_reopened(dora, told, designer, name, state):
    made = factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    page = dora.get(reverse("interviews:coding", args=[told.pk])).content.decode()
    assert "suggested 0.80" in page
    response = dora.post(reverse(f"interviews:suggestion_{name}", args=[made.pk]), headers=HTMX)
    made.refresh_from_db()
    assert made.state == state
    assert "suggested 0.80" not in response.content.decode()
    dora.post(toast(response)["undo_url"])
    made.refresh_from_db()
    assert (made.state, Excerpt.objects.filter(code__name="Count again").count()) == ("open", 0)


def test_suggestion_takes_another_code(dora, told, designer):
    made = factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    url = reverse("interviews:suggestion_accept", args=[made.pk])
    dora.post(url, {"name": "Sums go wrong", "kind": "obstacle"}, headers=HTMX)
    made.refresh_from_db()
    assert (made.state, made.excerpt.code.name, made.excerpt.code.kind) == ("refused", "Sums go wrong", "obstacle")


def test_page_asks_while_the_search_runs_and_stops_after(dora, told, designer):
    services.starter_codebook_add(actor=designer)
    text = "The board approved the budget for the new system in March."
    services.answer_save(answer=factory.answer(told, 6), text=text, version=None, actor=designer)
    coding = reverse("interviews:coding", args=[told.pk])
    started = dora.post(reverse("interviews:suggest", args=[told.pk]), headers=HTMX).content.decode()
    assert 'hx-trigger="every 2s"' in started
    status = dora.get(f"{coding}?part=status", headers=HTMX)
    assert 'hx-trigger="every 2s"' in status.content.decode()
    assert "HX-Trigger" not in status.headers
    services.suggest_run(job_id=Job.objects.get().pk)
    ended = dora.get(f"{coding}?part=status", headers=HTMX)
    assert "hx-trigger" not in ended.content.decode()
    assert "suggestions-ready" in json.loads(ended["HX-Trigger"])
    assert Suggestion.objects.count() > 0
    answers = dora.get(coding, headers=HTMX).content.decode()
    assert answers.lstrip().startswith('<div class="stack" id="answers"')


def test_timeline_is_moved_added_dated_removed_and_undone(dora, told):
    names = lambda: [view.name.split()[0] for view in moment_views(told)]  # noqa: E731
    move = reverse("interviews:timeline_move", args=[told.pk])
    response = dora.post(move, {"item": told.moments.get(position=1).pk, "position": 2, "list": "x"}, headers=HTMX)
    assert names() == ["Walk", "Write", "Measure", "Walk"]
    dora.post(toast(response)["undo_url"])
    assert names() == ["Measure", "Walk", "Write", "Walk"]
    code = told.moments.get(position=1).code
    add = reverse("interviews:timeline_add", args=[told.pk])
    dora.post(add, {"code": code.pk, "behind": told.moments.get(position=1).pk})
    assert names() == ["Measure", "Measure", "Walk", "Write", "Walk"]
    page = dora.get(reverse("interviews:timeline", args=[told.pk]))
    dora.post(reverse("interviews:timeline_restore", args=[told.pk, page.context["last"]["token"]]))  # without scripts
    assert names() == ["Measure", "Walk", "Write", "Walk"]
    dora.post(add, {"code": code.pk, "happened_on": "2026-01-05"})
    assert moment_views(told)[-1].is_return
    moment = told.moments.get(position=5)
    dated = reverse("interviews:moment_date", args=[moment.pk])
    shown = dora.post(dated, {"happened_on": "2026-01-06", "words": "after New Year"}, headers=HTMX)
    assert moment_views(told)[-1].happened_on.isoformat() == "2026-01-06"
    assert "after New Year" in shown.content.decode()
    assert dora.post(dated, {"happened_on": "", "words": "some day"}, headers=HTMX).status_code == 400
    shown = dora.post(reverse("interviews:moment_remove", args=[moment.pk]), headers=HTMX)
    assert names() == ["Measure", "Walk", "Write", "Walk"]
    assert "back to:" in shown.content.decode()
    draft = reverse("interviews:timeline_draft", args=[told.pk])
    assert dora.post(draft, headers=HTMX).status_code == 400
    assert dora.post(draft, {"part": "add-1-0"}, headers=HTMX).status_code == 409
    assert names() == ["Measure", "Walk", "Write", "Walk"]


@pytest.mark.parametrize("data", [{}, {"item": "x", "position": 0}, {"item": 1, "position": -1}])
def test_move_that_names_nothing_is_refused(dora, told, data):
    response = dora.post(reverse("interviews:timeline_move", args=[told.pk]), data, headers=HTMX)
    assert response.status_code == 400


def test_moment_without_an_activity_is_refused(dora, told):
    url = reverse("interviews:timeline_add", args=[told.pk])
    assert dora.post(url, {"code": ""}).status_code == 422
    assert dora.post(url, {"code": ""}, headers=HTMX).status_code == 400


def test_export_holds_every_excerpt_and_no_formula(dora, told, designer):
    made = factory.interview(designer, "=cmd|' /C calc'!A0", texts={1: "=1+1 is what we said."})
    factory.coded(made, "=1+1 is what we said", "Sum", actor=designer, position=1)
    response = dora.get(reverse("interviews:export"))
    body = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert len(rows) == Excerpt.objects.count()
    assert {row["coded_by"] for row in rows} == {"Dora Designer"}
    assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())
    quotes = {row["quote"] for row in rows}
    assert "walked the line together" in quotes


def test_draft_beside_the_timeline_is_taken_part_by_part_and_undone(dora, told):
    names = lambda: [view.name.split()[0] for view in moment_views(told)]  # noqa: E731
    services.moment_remove(moment=told.moments.get(position=2), actor=told.recorded_by)
    page = reverse("interviews:timeline", args=[told.pk])
    take = reverse("interviews:timeline_take", args=[told.pk])
    (part,) = services.timeline_parts(told)
    shown = dora.get(page).content.decode()
    assert "What the text says otherwise" in shown
    assert f'value="{part.key}"' in shown
    response = dora.post(take, {"part": part.key}, headers=HTMX)
    assert names() == ["Measure", "Walk", "Write", "Walk"]
    assert "What the text says otherwise" not in response.content.decode()
    dora.post(toast(response)["undo_url"])
    assert names() == ["Measure", "Write", "Walk"]
    assert dora.post(take, {"part": "add-0"}, headers=HTMX).status_code == 409
    left = dora.post(reverse("interviews:timeline_leave", args=[told.pk]), {"part": part.key}, headers=HTMX)
    assert "1 left out" in left.content.decode()
    assert names() == ["Measure", "Write", "Walk"]
    dora.post(toast(left)["undo_url"])
    assert not services.timeline_parts(told)[0].left_out
    services.moments_set(interview=told, moments=[], actor=told.recorded_by)
    whole = dora.get(page).content.decode()
    assert "4 moments to put in order" in whole
    keys = [part.key for part in services.timeline_parts(told)]
    dora.post(reverse("interviews:timeline_draft", args=[told.pk]), {"part": keys[1:]})
    assert names() == ["Walk", "Write", "Walk"]


def test_moment_is_said_to_be_together_with_the_one_before(dora, told):
    moment = told.moments.get(position=2)
    url = reverse("interviews:moment_together", args=[moment.pk])
    shown = dora.post(url, {"together": "1"}, headers=HTMX).content.decode()
    assert "at the same time:" in shown
    assert moment_views(told)[1].together
    dora.post(url, {"together": "0"})
    assert not moment_views(told)[1].together
    first = reverse("interviews:moment_together", args=[told.moments.get(position=1).pk])
    assert dora.post(first, {"together": "1"}, headers=HTMX).status_code == 400
