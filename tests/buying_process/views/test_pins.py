import pytest
from django.urls import reverse

from buying_process import services
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


@pytest.fixture
def client(client_of, designer):
    return client_of(designer)


@pytest.mark.parametrize("kind", ["stage", "activity", "need"])
def test_pin_and_unpin_answer_with_the_panel(kind, client, draft, designer):
    stage = draft.stages.first()
    need = services.stage_need_add(stage=stage, kind="role", name="Buyer", actor=designer)
    row = {"stage": stage, "activity": stage.activities.first(), "need": need}[kind]
    services.pin_set(row=row, pinned=False, actor=designer)
    url = reverse(f"buying_process:{kind}_pin", args=[draft.process_id, draft.number, row.pk])
    for choice, pinned in [("yes", True), ("no", False)]:
        answer = client.post(url, {"pinned": choice}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        row.refresh_from_db()
        assert row.pinned is pinned
    assert client.post(url, {"pinned": "perhaps"}, headers={"HX-Request": "true"}).status_code == 400


def test_pins_are_seen_on_the_map_and_in_the_panel(client, draft, designer):
    stage = draft.stages.first()
    services.stage_rename(stage=stage, name="Something has to give", actor=designer)
    assert client.get(draft.get_absolute_url()).content.decode().count("pin-mark") == 1
    panel = client.get(reverse("buying_process:stage", args=[draft.process_id, draft.number, stage.pk]))
    assert "Unpin it" in panel.content.decode()


def test_manager_pins_nothing(client_of, manager, draft):
    stage = draft.stages.first()
    url = reverse("buying_process:stage_pin", args=[draft.process_id, draft.number, stage.pk])
    assert client_of(manager).post(url, {"pinned": "yes"}).status_code in {403, 404}
