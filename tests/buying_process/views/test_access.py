import pytest
from django.urls import reverse

from core import scope
from tests.factories import buying_process as make

READ, SHAPE = "read", "shape"
PAGES = [
    (READ, "list", ()),
    (READ, "process", ("process",)),
    (READ, "version", ("process", "live")),
    (READ, "chaos", ("process", "live")),
    (READ, "stage", ("process", "live", "stage")),
    (READ, "activity", ("process", "live", "activity")),
    (READ, "transition", ("process", "live", "transition")),
    (READ, "today", ()),
    (READ, "search", ()),
    (SHAPE, "new", ()),
    (SHAPE, "edit", ("process",)),
    (SHAPE, "version", ("process", "draft")),
    (SHAPE, "checks", ("process", "draft")),
    (SHAPE, "skills", ()),
    (SHAPE, "stage_split", ("process", "live", "stage")),
    (SHAPE, "stage_merge", ("process", "live", "stage")),
    (SHAPE, "settings", ("process", "draft")),
    (SHAPE, "publish", ("process", "draft")),
    (SHAPE, "stage_add", ("process", "draft")),
    (SHAPE, "activity_add", ("process", "draft")),
]
POSTS = [
    ("new", ()),
    ("derive", ("process",)),
    ("delete", ("process",)),
    ("publish", ("process", "draft")),
    ("move_deals", ("process", "live")),
    ("retire", ("process", "live")),
    ("copy", ("process", "live")),
    ("version_delete", ("process", "draft")),
    ("undo", ("process", "draft")),
    ("redo", ("process", "draft")),
    ("accept", ("process", "draft")),
    ("reopen", ("process", "draft")),
    ("stage_split", ("process", "live", "stage")),
    ("stage_merge", ("process", "live", "stage")),
    ("skills", ()),
    ("skills_begin", ()),
    ("activity_move", ("process", "draft")),
    ("stage_rename", ("process", "live", "stage")),
    ("activity_remove", ("process", "live", "activity")),
]


@pytest.fixture
def places(workspace, designer):
    """Give the ids and numbers that addresses are made of: a live version 1 and a draft 2 of one process."""
    from buying_process import services

    with scope.in_workspace(workspace.pk):
        live = make.published(workspace, designer)
        draft = services.version_copy(version=live, actor=designer)
        stage = live.stages.first()
        return {
            "process": live.process_id,
            "live": live.number,
            "draft": draft.number,
            "stage": stage.pk,
            "activity": stage.activities.first().pk,
            "transition": live.transitions.first().pk,
        }


def address(places, name, parts):
    return reverse(f"buying_process:{name}", args=[places[part] for part in parts])


@pytest.mark.parametrize(("kind", "name", "parts"), PAGES)
def test_page_answers_each_person_as_their_role_may(
    places, client_of, designer, rep, manager, admin, kind, name, parts
):
    url = address(places, name, parts)
    readers = 200 if kind == READ else 404 if name == "version" else 403
    got = {person.role: client_of(person).get(url).status_code for person in (designer, rep, manager, admin)}
    assert got == {"designer": 200, "rep": readers, "manager": readers, "admin": 403}


@pytest.mark.parametrize(("kind", "name", "parts"), [page for page in PAGES if page[2]])
def test_page_is_not_there_for_another_workspace(places, client_of, outsider, kind, name, parts):
    assert client_of(outsider).get(address(places, name, parts)).status_code == 404


@pytest.mark.parametrize(("name", "parts"), POSTS)
def test_edits_are_the_designers_alone(places, client_of, rep, manager, admin, name, parts):
    url = address(places, name, parts)
    assert [client_of(person).post(url).status_code for person in (rep, manager, admin)] == [403, 403, 403]


@pytest.mark.parametrize(("name", "parts"), [post for post in POSTS if post[1]])
def test_edits_do_not_reach_another_workspace(places, client_of, outsider, name, parts):
    answer = client_of(outsider).post(
        address(places, name, parts), {"item": places["activity"], "list": "1:sales", "name": "x"}
    )
    assert answer.status_code == 404


def test_signed_out_person_is_asked_to_sign_in(places, client):
    answer = client.get(reverse("buying_process:list"))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_login"))


def test_rep_sees_words_without_the_customers_name(places, client_of, rep, designer):
    url = address(places, "stage", ("process", "live", "stage"))
    assert b"Customer 1" in client_of(designer).get(url).content
    seen = client_of(rep).get(url).content.decode()
    assert "Then we came to a." in seen
    assert "Customer 1" not in seen
