import json

import pytest
from django.urls import reverse

from buying_process.models import Acceptance, Skill, Stage, StageActivity
from core import scope
from tests.factories import buying_process as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client_of, designer):
    return client_of(designer)


@pytest.fixture
def draft(workspace, designer):
    with scope.in_workspace(workspace.pk):
        return make.draft(workspace, designer)


@pytest.fixture
def first(draft):
    with scope.in_workspace(draft.workspace_id):
        return draft.stages.get(position=0)


def url(version, name, *ids):
    return reverse(f"buying_process:{name}", args=[version.process_id, version.number, *ids])


def names(version):
    with scope.in_workspace(version.workspace_id):
        return [stage.name for stage in version.stages.order_by("position")]


def activity(version, name):
    with scope.in_workspace(version.workspace_id):
        return StageActivity.objects.get(stage__version=version, name=name)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def test_split_shows_what_will_happen_and_changes_nothing(client, draft, first):
    shown = client.get(url(draft, "stage_split", first.pk), {"activities": activity(draft, "b").pk, "name": "Later"})
    words = shown.content.decode()
    assert "What will happen" in words
    assert words.count("told by 5 of 5") == 2
    assert names(draft) == ["Recognise: a", "Solve: c", "Commit: f"]


def test_split_is_done_and_undone_from_its_toast(client, draft, first):
    form = {"activities": activity(draft, "b").pk, "name": "Later"}
    answer = client.post(url(draft, "stage_split", first.pk), form, headers=HTMX)
    assert toast(answer)["message"] == "“Recognise: a” is split; “Later” stands behind it."
    assert names(draft) == ["Recognise: a", "Later", "Solve: c", "Commit: f"]
    undone = client.post(toast(answer)["undo_url"], headers=HTMX)
    assert (undone.status_code, toast(undone)["message"]) == (204, "Undone: split “Recognise: a”.")
    assert names(draft) == ["Recognise: a", "Solve: c", "Commit: f"]
    assert client.post(url(draft, "redo"), headers=HTMX).status_code == 204
    assert names(draft)[1] == "Later"


@pytest.mark.parametrize("form", [{}, {"name": "Later"}, {"name": "Later", "activities": "x"}])
def test_split_with_nothing_chosen_says_so(client, draft, first, form):
    assert client.post(url(draft, "stage_split", first.pk), form, headers=HTMX).status_code == 422


def test_split_of_all_says_so(client, draft, first):
    form = {"name": "Later", "activities": [activity(draft, "a").pk, activity(draft, "b").pk]}
    answer = client.post(url(draft, "stage_split", first.pk), form, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose some of what customers do here" in answer.content.decode()


def test_merge_shows_what_will_happen_then_does_it(client, draft, first):
    with scope.in_workspace(draft.workspace_id):
        second = Stage.objects.get(version=draft, position=1)
    page = client.get(url(draft, "stage_merge", first.pk)).content.decode()
    assert "What will happen" in page
    answer = client.post(url(draft, "stage_merge", first.pk), {"into": second.pk}, headers=HTMX)
    assert toast(answer)["message"] == "“Recognise: a” is part of “Solve: c” now."
    assert names(draft) == ["Solve: c", "Commit: f"]


def test_the_page_names_what_is_undone_and_redone_next(client, draft, first):
    page = url(draft, "version")
    assert "Undo: " not in client.get(page).content.decode()
    client.post(url(draft, "stage_rename", first.pk), {"name": "New name", "seen": first.name})
    assert "Undo: rename “Recognise: a”" in client.get(page).content.decode()
    client.post(url(draft, "undo"))
    assert "Redo: rename “Recognise: a”" in client.get(page).content.decode()


def test_nothing_to_undo_is_said(client, draft):
    answer = client.post(url(draft, "undo"), headers=HTMX)
    assert (answer.status_code, toast(answer)["level"]) == (400, "error")


def test_finding_is_accepted_and_taken_back_on_the_page(client, draft, first):
    form = {"kind": "no_evidence", "stage": first.pk, "reason": "They never say"}
    answer = client.post(url(draft, "accept"), form, headers=HTMX)
    assert "They never say" in answer.content.decode()
    with scope.in_workspace(draft.workspace_id):
        accepted = Acceptance.objects.get()
    client.post(url(draft, "reopen"), {"acceptance": accepted.pk})
    assert "They never say" not in client.get(url(draft, "checks")).content.decode()


def test_finding_needs_a_reason(client, draft, first):
    answer = client.post(url(draft, "accept"), {"kind": "no_evidence", "stage": first.pk, "reason": " "}, headers=HTMX)
    assert (answer.status_code, toast(answer)["message"]) == (400, "Say why it is meant so.")


def test_skills_are_listed_added_changed_and_taken_off(client, draft):
    client.post(reverse("buying_process:skills_begin"))
    client.post(reverse("buying_process:skills"), {"name": "Listening", "description": "To what is not said."})
    page = client.get(reverse("buying_process:skills")).content.decode()
    assert page.count('<th scope="row">') == 4
    with scope.in_workspace(draft.workspace_id):
        skill = Skill.objects.get(name="Listening")
    again = client.post(reverse("buying_process:skill", args=[skill.pk]), {"name": "critical thinking"})
    assert (again.status_code, "of this name already" in again.content.decode()) == (422, True)
    client.post(reverse("buying_process:skill_delete", args=[skill.pk]))
    with scope.in_workspace(draft.workspace_id):
        assert Skill.objects.count() == 3


def test_activity_says_which_skills_it_takes(client, draft, first):
    client.post(reverse("buying_process:skills_begin"))
    with scope.in_workspace(draft.workspace_id):
        skill = Skill.objects.get(name="Problem solving")
    form = {"name": "Visit", "stage": first.pk, "actor_kind": "sales", "purpose": "independent", "skills": skill.pk}
    assert client.post(url(draft, "activity_add"), form, headers=HTMX).status_code == 204
    panel = client.get(url(draft, "activity", activity(draft, "Visit").pk)).content.decode()
    assert '<span class="pill">Problem solving</span>' in panel
