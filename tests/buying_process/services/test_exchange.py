import json
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse

from buying_process import services
from buying_process.models import Process, Version
from buying_process.selectors.documents import document_of
from core.exceptions import ApplicationError
from tests.factories import buying_process as make

NASTY = '<script>alert(1)</script> =cmd() & "quoted" ]]>'


@pytest.fixture
def draft(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    first = version.stages.order_by("position").first()
    services.stage_need_add(stage=first, kind="information", name="What it costs", channel="online", actor=designer)
    services.stage_activity_add(
        stage=first,
        name=NASTY,
        actor_kind="sales",
        channels=["sales", "online"],
        purpose="facilitates",
        facilitates=first.activities.get(name="a"),
        skills=[services.skill_create(name="Listening", actor=designer)],
        actor=designer,
    )
    version.refresh_from_db()
    return version


def same(document):
    """Leave out what an import gives anew."""
    return {name: value for name, value in document.items() if name not in {"number", "status"}}


def imported(document, designer, **fields):
    return services.version_import(content=json.dumps(document).encode(), actor=designer, **fields)


def test_document_imports_again_without_loss(draft, designer):
    document = document_of(draft)
    again = imported(document, designer, process=draft.process)
    assert (again.number, again.status) == (2, "draft")
    assert same(document_of(again)) == same(document)


def test_document_imports_into_another_workspace_with_its_codes(draft, outsider):
    from core import scope

    document = document_of(draft)
    with scope.in_workspace(outsider.workspace_id):
        again = imported(document, outsider)
        assert same(document_of(again)) == same(document)
        assert again.process.workspace_id == outsider.workspace_id


def test_import_without_a_process_makes_one_of_a_free_name(draft, designer):
    version = imported(document_of(draft), designer)
    assert version.process.name == "How plants buy (2)"


def test_imported_draft_keeps_its_shares_through_edits_and_publication(draft, designer):
    version = imported(document_of(draft), designer)
    shares = sorted(version.transitions.values_list("share", flat=True))
    services.stage_rename(stage=version.stages.first(), name="Other", actor=designer)
    second = version.stages.get(position=1)
    services.stage_move(stage=second, position=1, actor=designer)
    services.version_publish(version=version, actor=designer)
    assert sorted(version.transitions.values_list("share", flat=True)) == pytest.approx(shares)
    assert version.fits.get().matrix[1] == pytest.approx(
        draft.transitions.get(from_stage__position=0, to_stage__position=1).share
    )
    assert version.stages.first().told == 5


def broken(document, path, value):
    """Put a value at a path of a copy of the document."""
    copy = json.loads(json.dumps(document))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["format"], "other", "format: must be salesflow.process"),
        (["format_version"], 2, "format_version: must be 1"),
        (["stages"], [], "stages: must hold at least one stage."),
        (["stages", 0, "name"], "", "stages[0].name: must not be empty."),
        (["stages", 0, "name"], 7, "stages[0].name: must be a text."),
        (["stages", 1, "name"], "x" * 121, "stages[1].name: must have at most 120 characters, not 121."),
        (["stages", 1, "id"], "s1", "stages[1].id: “s1” stands there twice."),
        (["stages", 0, "told"], -1, "stages[0].told: must be 0 to 1e+06, not -1."),
        (["stages", 0, "told"], 10**400, "stages[0].told: must be 0 to 1e+06."),
        (["stages", 0, "name"], "\ud800", "stages[0].name: must be a text."),
        (["stages", 0, "told"], True, "stages[0].told: must be a number."),
        (["stages", 0, "activities", 0, "actor"], "us", "stages[0].activities[0].actor: must be one of customer"),
        (["stages", 0, "activities", 0, "purpose"], "independent", "“independent” does not go with “customer”."),
        (["stages", 0, "activities", 2, "channels"], ["radio"], "stages[0].activities[2].channels[0]: must be one of"),
        (["stages", 0, "activities", 2, "helps"], "a99", "stages[0].activities[2].helps: no customer’s activity"),
        (["stages", 1, "activities", 0, "code"], "a", "stages[1].activities[0].code: “a” stands there twice."),
        (["stages", 0, "needs", 0, "channel"], "fax", "stages[0].needs[0].channel: must be one of nothing, online"),
        (["transitions", 0, "to"], "s9", "transitions[0].to: there is no stage “s9”."),
        (["transitions", 0, "share"], 1.5, "transitions[0].share: must be 0 to 1, not 1.5."),
        (["settings", "weight_effort"], 50, "settings: the five weights must be there and make 100 together."),
        (["transitions"], {}, "transitions: must be a list."),
        (["stages", 0], None, "stages[0]: must be an object."),
    ],
)
def test_what_does_not_hold_is_refused_with_path_and_reason(path, value, sentence, draft, designer):
    with pytest.raises(ApplicationError) as refused:
        imported(broken(document_of(draft), path, value), designer)
    assert any(sentence in found for found in refused.value.fields["file"])
    assert Version.objects.count() == 1
    assert Process.objects.count() == 1


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"{", b"[]", b"null", b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}", b"NaN"]
)
def test_what_is_no_process_is_refused(content, in_workspace, designer):
    with pytest.raises(ApplicationError):
        services.version_import(content=content, actor=designer)


def test_file_over_the_limit_is_refused(in_workspace, designer):
    with pytest.raises(ApplicationError, match="at most 5 MB"):
        services.version_import(content=b" " * (5 * 1024 * 1024 + 1), actor=designer)


def test_picture_is_one_page_of_well_formed_svg_with_every_name(draft, designer, client_of):
    answer = client_of(designer).get(reverse("buying_process:picture", args=[draft.process_id, draft.number]))
    assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert 'filename="how-plants-buy-1.svg"' in answer["Content-Disposition"]
    root = ET.fromstring(answer.content)
    assert (root.get("width"), root.get("height")) == ("297mm", "210mm")
    words = "".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "".join(NASTY.split()) in "".join(words.split())
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert "http" not in answer.content.decode().replace("http://www.w3.org/2000/svg", "")


def test_file_goes_out_and_comes_in_through_the_pages(draft, designer, client_of):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of(designer)
    text = client.get(reverse("buying_process:export", args=[draft.process_id, draft.number])).content
    url = reverse("buying_process:import")
    assert client.get(url).status_code == 200
    answer = client.post(url, {"file": SimpleUploadedFile("p.json", text), "process": draft.process_id})
    assert answer.status_code == 302
    assert Version.objects.get(number=2).process == draft.process
    answer = client.post(url, {"file": SimpleUploadedFile("p.json", b"{}")})
    assert answer.status_code == 422
    assert "no process that SalesFlow exported" in answer.content.decode()
