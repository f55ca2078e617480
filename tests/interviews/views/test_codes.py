"""The codebook's page: its trees, and codes that move, split, merge."""

import pytest
from django.urls import reverse

from interviews import services
from interviews.choices import Kind
from interviews.models import Code, CodeMerge
from tests.factories import interviews as factory


@pytest.fixture
def told(in_workspace, designer):
    return factory.told_interview(designer)


@pytest.fixture
def dora(client_of, designer):
    return client_of(designer)


def url(name, *args):
    return reverse(f"interviews:{name}", args=args)


def code_of(name):
    return Code.objects.get(name=name)


def test_trees_show_what_was_asked_for_and_what_leads_to_it(told, dora, designer):
    wide = services.code_create(actor=designer, kind=Kind.ACTIVITY, name="Look closely", job="solve")
    services.code_move(code=code_of("Walk the line together"), parent=wide, actor=designer)
    [tree] = dora.get(url("codes"), {"q": "walk", "kind": "activity"}).context["trees"]
    [root] = tree.roots
    assert (root.code, root.matches, [node.code.name for node in root.children]) == (
        wide,
        False,
        ["Walk the line together"],
    )
    assert (root.children[0].passages, root.children[0].told_by) == (2, 1)
    [tree] = dora.get(url("codes"), {"job": "solve"}).context["trees"]
    assert [(node.code, node.matches, node.children) for node in tree.roots] == [(wide, True, ())]
    assert "No code is like that" in dora.get(url("codes"), {"job": "commit"}).text
    assert dora.get(url("codes"), {"sort": "told"}).context["page"][0].told_by == 1


def test_dragging_a_code_gives_the_trees_as_they_are_now(told, dora):
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    reply = dora.post(url("code_drop"), {"item": walk.pk, "list": measure.pk}, headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert "belongs under" in reply.headers["HX-Trigger"]
    walk.refresh_from_db()
    assert walk.parent == measure
    reply = dora.post(url("code_drop"), {"item": walk.pk, "list": ""})
    assert reply.status_code == 302
    walk.refresh_from_db()
    assert walk.parent is None


def test_moving_merging_and_undoing_by_form(told, dora):
    walk, measure = code_of("Walk the line together"), code_of("Measure it apart")
    assert "form-narrow" in dora.get(url("code_move", walk.pk)).text
    assert "dialog" in dora.get(url("code_move", walk.pk), headers={"HX-Request": "true"}).text
    assert dora.post(url("code_move", walk.pk), {"parent": measure.pk}).status_code == 302
    assert dora.post(url("code_move", measure.pk), {"parent": walk.pk}).status_code == 422
    assert dora.post(url("code_merge", walk.pk), {"into": ""}).status_code == 422
    assert dora.post(url("code_merge", walk.pk), {"into": measure.pk}).url == measure.get_absolute_url()
    merge = CodeMerge.objects.get()
    assert url("code_merge_undo", merge.pk) in dora.get(measure.get_absolute_url()).text
    assert dora.post(url("code_merge_undo", merge.pk)).url == walk.get_absolute_url()
    assert dora.post(url("code_merge_undo", merge.pk)).status_code == 404


def test_splitting_by_form_keeps_what_was_ticked_when_refused(told, dora):
    walk = code_of("Walk the line together")
    _first, second = walk.excerpts.order_by("start")
    refused = dora.post(url("code_split", walk.pk), {"name": "", "excerpts": [second.pk]})
    assert refused.status_code == 422
    assert refused.context["chosen"] == {str(second.pk)}
    assert dora.post(url("code_split", walk.pk), {"name": "Again"}).status_code == 422
    assert dora.post(url("code_split", walk.pk), {"name": "Again", "excerpts": [second.pk]}).status_code == 302
    assert list(code_of("Again").excerpts.all()) == [second]


def test_readers_see_no_way_to_change_codes(told, client_of, manager):
    mona = client_of(manager)
    walk = code_of("Walk the line together")
    assert "code-drop" not in mona.get(url("codes")).text
    assert mona.post(url("code_merge", walk.pk), {"into": walk.pk}).status_code == 403
    assert mona.post(url("code_drop"), {"item": walk.pk}).status_code == 403
