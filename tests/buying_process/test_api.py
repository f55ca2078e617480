import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from buying_process import services
from buying_process.models import Process, Version
from core import scope
from interviews.models import Segment
from jobs.models import Job
from jobs.services import job_run
from tests.factories import buying_process as make
from tests.factories.accounts import ApiTokenFactory

PROCESSES, VERSIONS = "/api/v1/processes/", "/api/v1/versions/"


@pytest.fixture
def api_of(db):
    def sign_in(membership):
        secret = f"sfl_program-of-{membership.pk}"
        ApiTokenFactory(membership=membership, secret=secret)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return sign_in


@pytest.fixture
def api(api_of, designer):
    return api_of(designer)


@pytest.fixture
def draft(workspace, designer):
    with scope.in_workspace(workspace.pk):
        return make.draft(workspace, designer)


def test_from_interviews_to_a_live_fit_over_the_api(api, workspace):
    with scope.in_workspace(workspace.pk):
        make.check_interviews(workspace)
    process = api.post(PROCESSES, {"name": "How plants buy"}).json()
    started = api.post(f"{PROCESSES}{process['id']}/derive/", {})
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    job_run(job_id=int(started.json()["id"]), work=services.derive_from_job)
    (version,) = api.get(f"{PROCESSES}{process['id']}/versions/").json()["results"]
    assert (version["status"], round(version["cyclic_share"], 4), version["fit"]) == ("draft", 0.1619, None)
    live = api.post(f"{VERSIONS}{version['id']}/publish/", {}).json()
    assert live["status"] == "live"
    assert [round(share, 4) for share in live["fit"]["matrix"][1]] == [0.1692, 0.3615, 0.4462, 0, 0.0077, 0.0154]
    assert live["fit"]["start"] == [1, 0, 0]
    assert len(live["fit"]["emissions"]) == 3
    held = [activity["id"] for stage in live["stages"] for activity in stage["activities"]]
    assert live["fit"]["activities"] == held
    job = api.get(f"/api/v1/jobs/{live['job']}/").json()
    assert job["kind"] == "publish"


def test_version_shows_stages_and_transitions(api, draft):
    shown = api.get(f"{VERSIONS}{draft.pk}/").json()
    assert [stage["name"] for stage in shown["stages"]] == ["Recognise: a", "Solve: c", "Commit: f"]
    first, second, _ = shown["stages"]
    known = {"id", "name", "code", "actor", "purpose", "facilitates", "channels", "told"}
    assert first["activities"][0].keys() == known
    moves = {(move["from"], move["to"]): move for move in shown["transitions"]}
    assert moves[first["id"], second["id"]]["seen"] == 7
    assert any(target == "won" for _, target in moves)


def test_needs_are_told_apart_by_kind(api, draft, designer):
    with scope.in_workspace(draft.workspace_id):
        stage = draft.stages.first()
        for kind, name, channel in (
            ("role", "Finance", ""),
            ("information", "Energy", "online"),
            ("evidence", "A page", ""),
        ):
            services.stage_need_add(stage=stage, kind=kind, name=name, channel=channel, actor=designer)
    shown = api.get(f"{VERSIONS}{draft.pk}/").json()["stages"][0]
    assert [need["name"] for need in shown["roles"]] == ["Finance"]
    assert [(need["name"], need["channel"]) for need in shown["information"]] == [("Energy", "online")]
    assert [need["name"] for need in shown["evidence"]] == ["A page"]


def test_derive_for_a_segment_without_interviews_is_refused_in_words(api, draft):
    with scope.in_workspace(draft.workspace_id):
        Segment.objects.create(workspace=draft.workspace, name="Food")
    answer = api.post(f"{PROCESSES}{draft.process_id}/derive/", {"segment": "food"})
    assert answer.status_code == 409
    assert "at least 3 interviews" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "body", [{"stages": 0}, {"stages": "3"}, {"stages": True}, {"segment": 4}, {"stages": 10**30}, []]
)
def test_malformed_derivation_is_400(api, draft, body):
    assert api.post(f"{PROCESSES}{draft.process_id}/derive/", body, format="json").status_code == 400


def test_unknown_segment_is_refused(api, draft):
    answer = api.post(f"{PROCESSES}{draft.process_id}/derive/", {"segment": "nobody"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (409, "segment")


def test_process_is_renamed(api, draft):
    answer = api.patch(f"{PROCESSES}{draft.process_id}/", {"name": "How mills buy"})
    assert answer.json()["name"] == "How mills buy"
    with scope.in_workspace(draft.workspace_id):
        assert Process.objects.get().name == "How mills buy"


def test_publishing_twice_is_a_conflict(api, draft):
    api.post(f"{VERSIONS}{draft.pk}/publish/", {"move_deals": False})
    assert api.post(f"{VERSIONS}{draft.pk}/publish/", {}).status_code == 409
    with scope.in_workspace(draft.workspace_id):
        assert not Job.objects.filter(kind="publish").exists()


def test_same_idempotency_key_makes_one_process(api, workspace):
    for _ in range(2):
        api.post(PROCESSES, {"name": "How plants buy"}, HTTP_IDEMPOTENCY_KEY="once")
    with scope.in_workspace(workspace.pk):
        assert Process.objects.count() == 1


def test_rep_reads_what_is_published_and_writes_nothing(api_of, rep, draft, designer):
    reads = api_of(rep)
    assert reads.get(VERSIONS).json()["results"] == []
    assert reads.get(f"{VERSIONS}{draft.pk}/").status_code == 404
    with scope.in_workspace(draft.workspace_id):
        services.version_publish(version=draft, actor=designer)
    assert len(reads.get(VERSIONS).json()["results"]) == 1
    assert reads.post(PROCESSES, {"name": "Mine"}).status_code == 403
    assert reads.post(f"{VERSIONS}{draft.pk}/publish/", {}).status_code == 403


def test_other_workspaces_see_nothing(api_of, outsider, admin, draft):
    stranger = api_of(outsider)
    assert stranger.get(f"{PROCESSES}{draft.process_id}/").status_code == 404
    assert stranger.post(f"{VERSIONS}{draft.pk}/publish/", {}).status_code == 404
    assert api_of(admin).get(PROCESSES).status_code == 403


@pytest.mark.parametrize("pk", ["x", "9" * 40, "0"])
def test_ids_that_cannot_be_are_not_found(api, draft, pk):
    assert api.get(f"{VERSIONS}{pk}/").status_code == 404


def test_list_of_versions_costs_the_same_for_one_and_three(api, draft, designer):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert api.get(VERSIONS).status_code == 200
        return len(captured)

    api.get(VERSIONS)
    one = queries()
    with scope.in_workspace(draft.workspace_id):
        services.version_copy(version=draft, actor=designer)
        services.version_copy(version=draft, actor=designer)
        assert Version.objects.count() == 3
    assert queries() == one
