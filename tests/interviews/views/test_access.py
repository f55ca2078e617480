"""Who may see and do what; how many queries each page takes."""

import pytest
from django.urls import reverse

from interviews import services
from interviews.models import Excerpt, Interview
from tests.factories import interviews as factory


@pytest.fixture
def told(in_workspace, designer):
    services.segment_create(name="Food", actor=designer)
    return factory.told_interview(designer)


def pages(told):
    version = told.guide_version
    code = told.moments.first().code
    read = {
        "list": [],
        "export": [],
        "interview": [told.pk],
        "coding": [told.pk],
        "timeline": [told.pk],
        "codes": [],
        "code": [code.pk],
        "code_options": [],
        "segments": [],
        "guides": [],
        "guide_version": [version.guide_id, version.number],
    }
    edit = {"add": [], "facts": [told.pk], "segment": [_segment_pk()], "guide": [version.guide_id]}
    return read, edit


def _segment_pk():
    from interviews.models import Segment

    return Segment.objects.first().pk


def posts(told):
    moment, excerpt = told.moments.first(), Excerpt.objects.first()
    return {
        "answer": [excerpt.answer_id],
        "suggest": [told.pk],
        "excerpt_add": [excerpt.answer_id],
        "excerpt_remove": [excerpt.pk],
        "timeline_draft": [told.pk],
        "timeline_take": [told.pk],
        "timeline_leave": [told.pk],
        "timeline_offer": [told.pk],
        "timeline_move": [told.pk],
        "timeline_add": [told.pk],
        "moment_date": [moment.pk],
        "moment_remove": [moment.pk],
        "codes_starter": [],
    }


def urls(names):
    return [reverse(f"interviews:{name}", args=args) for name, args in names.items()]


def test_designer_opens_every_page_and_manager_reads(told, client_of, designer, manager):
    read, edit = pages(told)
    dora, mona = client_of(designer), client_of(manager)
    assert {url: dora.get(url).status_code for url in urls(read | edit)} == dict.fromkeys(urls(read | edit), 200)
    assert {url: mona.get(url).status_code for url in urls(read)} == dict.fromkeys(urls(read), 200)
    assert {url: mona.get(url).status_code for url in urls(edit)} == dict.fromkeys(urls(edit), 403)


@pytest.mark.parametrize("who", ["rep", "admin"])
def test_rep_and_admin_are_turned_away(told, client_of, request, who):
    read, edit = pages(told)
    client = client_of(request.getfixturevalue(who))
    asked = urls(read | edit)
    assert {url: client.get(url).status_code for url in asked} == dict.fromkeys(asked, 403)


def test_only_designers_write(told, client_of, manager, rep):
    asked = urls(posts(told))
    before = list(Excerpt.objects.values())
    for person in (manager, rep):
        client = client_of(person)
        assert {url: client.post(url).status_code for url in asked} == dict.fromkeys(asked, 403)
        for url in (reverse("interviews:codes"), reverse("interviews:segments"), reverse("interviews:guides")):
            assert client.post(url, {"name": "X", "kind": "role", "title": "X"}).status_code == 403
    assert list(Excerpt.objects.values()) == before


def test_other_workspace_finds_nothing(told, client_of, outsider):
    read, edit = pages(told)
    client = client_of(outsider)
    objects = {name: args for name, args in (read | edit).items() if args}
    assert {url: client.get(url).status_code for url in urls(objects)} == dict.fromkeys(urls(objects), 404)
    asked = urls({name: args for name, args in posts(told).items() if args})
    assert {url: client.post(url).status_code for url in asked} == dict.fromkeys(asked, 404)
    for name in ("list", "export", "codes", "segments", "search", "code_options", "guides"):
        url = reverse(f"interviews:{name}") + "?q=line"
        shown = client.get(url)
        told_bytes = b"".join(shown.streaming_content) if shown.streaming else shown.content
        for canary in (b"Harbour", b"Walk the line", b"Food"):
            assert canary not in told_bytes


def test_signed_out_is_asked_to_sign_in(told, client):
    assert client.get(reverse("interviews:list")).status_code == 302


def test_get_changes_nothing(told, client_of, designer):
    client = client_of(designer)
    for url in urls({name: args for name, args in posts(told).items() if name != "answer"}):
        assert client.get(url).status_code == 405


@pytest.mark.parametrize(
    ("name", "queries"),
    [("list", 9), ("interview", 14), ("coding", 20), ("timeline", 10), ("codes", 6), ("code", 9), ("segments", 5)],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_pages_take_a_constant_number_of_queries(
    in_workspace, designer, client_of, django_assert_num_queries, name, queries, rows
):
    for number in range(rows):
        services.segment_create(name=f"Segment {number}", actor=designer)
        made = factory.told_interview(designer, f"Customer {number}")
        factory.suggestion(made, "The numbers did not add up", "Count again", actor=designer)
        for extra in range(number):
            factory.coded(made, "with finance", f"Bring {extra}", actor=designer, kind="role")
    args = {"interview": [made.pk], "coding": [made.pk], "timeline": [made.pk]}.get(name, [])
    args = [made.moments.get(position=2).code_id] if name == "code" else args
    client = client_of(designer)
    url = reverse(f"interviews:{name}", args=args)
    client.get(url)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


def test_empty_workspace_is_told_what_to_do(in_workspace, client_of, designer, manager):
    dora, mona = client_of(designer), client_of(manager)
    assert "Record the first interview" in dora.get(reverse("interviews:list")).content.decode()
    assert "Record the first interview" not in mona.get(reverse("interviews:list")).content.decode()
    assert "Add the starter codes" in dora.get(reverse("interviews:codes")).content.decode()
    assert "Use the six questions" in dora.get(reverse("interviews:guides")).content.decode()
    assert not Interview.objects.exists()


def test_today_and_search_fragments(told, client_of, designer, manager, rep):
    factory.suggestion(told, "The numbers did not add up", "Count again", actor=designer)
    today, search = reverse("interviews:today"), reverse("interviews:search")
    assert "1 suggestion to accept or refuse" in client_of(designer).get(today).content.decode()
    assert client_of(manager).get(today).content == b""
    found = client_of(manager).get(search, {"q": "line"}).content.decode()
    assert "Harbour Mills" in found
    assert "Walk the line together" in found
    assert client_of(rep).get(search, {"q": "line"}).content == b""
    assert client_of(manager).get(search, {"q": "\x00l"}).content == b""
