"""Two people edit one draft: nobody's words are lost, and the second sees both."""

import html
import json
import re

import pytest
from django.urls import reverse

from buying_process import services
from tests.factories import buying_process as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


@pytest.fixture
def client(client_of, designer):
    return client_of(designer)


def rows(draft):
    stage = draft.stages.first()
    return {
        "stage": (stage, reverse("buying_process:stage_rename", args=[draft.process_id, draft.number, stage.pk])),
        "activity": (
            stage.activities.first(),
            reverse("buying_process:activity", args=[draft.process_id, draft.number, stage.activities.first().pk]),
        ),
    }


@pytest.mark.parametrize("kind", ["stage", "activity"])
def test_rename_of_what_somebody_renamed_shows_both_and_takes_mine_knowingly(kind, client, draft, designer):
    row, url = rows(draft)[kind]
    seen = row.name
    if kind == "stage":
        services.stage_rename(stage=row, name="Theirs", actor=designer)
    else:
        services.stage_activity_update(activity=row, name="Theirs", actor=designer)
    answer = client.post(url, {"name": "Mine", "seen": seen, "panel": "1"}, headers=HTMX)
    assert answer.status_code == 422  # shown in place, as a form with errors is
    page = answer.content.decode()
    assert "<dd>Theirs</dd>" in page
    assert "<dd>Mine</dd>" in page
    row.refresh_from_db()
    assert row.name == "Theirs"
    answer = client.post(url, {"name": "Mine", "seen": "Theirs", "panel": "1"}, headers=HTMX)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.name == "Mine"


def test_drop_of_what_somebody_moved_is_a_conflict(client, draft, designer):
    first, second, third = draft.stages.order_by("position")
    row = first.activities.get(name="b")
    services.stage_activity_move(activity=row, stage=second, actor=designer)
    url = reverse("buying_process:activity_move", args=[draft.process_id, draft.number])
    values = {"item": row.pk, "list": f"{third.pk}:customer", "position": "0", "seen": f"{first.pk}:customer"}
    answer = client.post(url, values, headers=HTMX)
    assert answer.status_code == 409
    assert "meanwhile" in answer.headers["HX-Trigger"]
    row.refresh_from_db()
    assert row.stage == second


def test_what_each_changed_of_one_activity_stands_and_the_same_value_is_asked_about(client, draft, designer):
    stage = draft.stages.first()
    helped = stage.activities.get(name="a")
    skill = services.skill_create(name="Listening", actor=designer)
    row = services.stage_activity_add(
        stage=stage,
        name="Visit",
        actor_kind="sales",
        purpose="facilitates",
        facilitates=helped,
        skills=[skill],
        actor=designer,
    )
    saw = json.dumps({"actor_kind": "sales", "purpose": "facilitates", "facilitates": helped.pk, "skills": [skill.pk]})
    services.stage_activity_update(activity=row, actor_kind="partner", actor=designer)
    url = reverse("buying_process:activity", args=[draft.process_id, draft.number, row.pk])
    mine = {
        "name": "Call on them",
        "seen": "Visit",
        "actor_kind": "sales",
        "purpose": "facilitates",
        "facilitates": helped.pk,
        "skills": skill.pk,
        "saw": saw,
    }
    saved = client.post(url, mine, headers=HTMX)
    assert saved.status_code == 200
    assert "undo/?edit=" in json.loads(saved.headers["HX-Trigger"])["toast"]["undo_url"]
    row.refresh_from_db()
    assert (row.name, row.actor, list(row.skills.all())) == ("Call on them", "partner", [skill])

    both = client.post(url, mine | {"seen": "Call on them", "actor_kind": "marketing"}, headers=HTMX)
    assert both.status_code == 422
    page = both.content.decode()
    assert "Somebody changed who does “Call on them” meanwhile: now it is partner." in page
    assert '<option value="marketing" selected>' in page
    again = dict(re.findall(r'<input type="hidden" name="(seen|saw)" value="([^"]*)"', page))
    knowingly = mine | {"actor_kind": "marketing", "seen": again["seen"], "saw": html.unescape(again["saw"])}
    assert client.post(url, knowingly, headers=HTMX).status_code == 200
    row.refresh_from_db()
    assert (row.name, row.actor) == ("Call on them", "marketing")


def test_what_each_changed_of_one_need_stands_and_the_same_channel_is_asked_about(client, draft, designer):
    stage = draft.stages.first()
    need = services.stage_need_add(
        stage=stage, kind="information", name="What it costs", channel="online", actor=designer
    )
    services.stage_need_update(need=need, name="What it costs", channel="sales", actor=designer)
    url = reverse("buying_process:need", args=[draft.process_id, draft.number, need.pk])
    mine = {"name": "What waiting costs", "seen": "What it costs", "channel": "online", "seen_channel": "online"}
    assert client.post(url, mine, headers=HTMX).status_code == 200
    need.refresh_from_db()
    assert (need.name, need.channel) == ("What waiting costs", "sales")
    both = client.post(url, mine | {"seen": "What waiting costs", "channel": "partner"}, headers=HTMX)
    assert both.status_code == 422
    page = both.content.decode()
    assert "<dd>What waiting costs (sales)</dd>" in page
    assert "<dd>What waiting costs (partner)</dd>" in page
    knowingly = {"name": "What waiting costs", "seen": "What waiting costs", "channel": "partner"}
    assert client.post(url, knowingly | {"seen_channel": "sales"}, headers=HTMX).status_code == 200
    need.refresh_from_db()
    assert need.channel == "partner"
