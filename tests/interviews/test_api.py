"""Codes and interviews over the API: taken, given, refused; who may."""

import pytest
from rest_framework.test import APIClient

from core import scope
from interviews import services
from interviews.models import Code, Interview, Segment
from tests.factories import interviews as factory
from tests.factories.accounts import ApiTokenFactory

CODES, INTERVIEWS = "/api/v1/codes/", "/api/v1/interviews/"


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


def story(**changed):
    return {
        "external_id": "crm-7",
        "customer": "Velden Bakeries",
        "segment": "Food",
        "held_on": "2026-02-03",
        "outcome": "no_decision",
        "weight": 1.5,
        "answers": [{"question": 3, "text": "We walked the line."}, {"question": 1, "text": "It leaked."}],
        "moments": [
            {"activity": "Walk the line"},
            {"activity": "Write it down", "happened_on": "2026-01-04"},
            {"activity": "walk THE line"},
        ],
    } | changed


def test_interview_is_recorded_with_answers_and_moments(api, workspace):
    response = api.post(INTERVIEWS, story())
    told = response.json()
    assert response.status_code == 201, told
    with scope.in_workspace(workspace.pk):
        codes = {code.name: str(code.pk) for code in Code.objects.all()}
        assert told["segment"] == str(Segment.objects.get(name="Food").pk)
    assert set(codes) == {"Walk the line", "Write it down"}
    assert told["id"].isdigit()
    assert told["url"].endswith(f"/api/v1/interviews/{told['id']}/")
    assert [row["text"] for row in told["answers"]] == ["It leaked.", "", "We walked the line.", "", "", ""]
    assert [row["question"] for row in told["answers"]] == [1, 2, 3, 4, 5, 6]
    assert [(row["activity"], row["happened_on"]) for row in told["moments"]] == [
        (codes["Walk the line"], None),
        (codes["Write it down"], "2026-01-04"),
        (codes["Walk the line"], None),
    ]
    assert (told["outcome"], told["weight"], told["held_on"]) == ("no_decision", 1.5, "2026-02-03")
    assert api.get(told["url"]).json() == told


def test_second_post_of_the_same_external_id_updates(api, workspace, designer):
    first = api.post(INTERVIEWS, story()).json()
    with scope.in_workspace(workspace.pk):
        made = Interview.objects.get()
        excerpt = factory.coded(made, "walked the line", "Walk the line", actor=designer)
        moments = [services.MomentInput(excerpt.code, excerpt)]
        services.moments_set(interview=made, moments=moments, actor=designer)
    response = api.post(
        INTERVIEWS, {"external_id": "crm-7", "outcome": "lost", "moments": [{"activity": "Walk the line"}]}
    )
    told = response.json()
    assert (response.status_code, told["id"], told["outcome"], told["customer"]) == (
        200,
        first["id"],
        "lost",
        "Velden Bakeries",
    )
    with scope.in_workspace(workspace.pk):
        assert made.moments.get().excerpt.quote == "walked the line"
        assert Interview.objects.count() == 1


def test_answers_are_named_by_place_or_by_the_questions_id(api):
    first = api.post(INTERVIEWS, story()).json()
    by_id = first["answers"][1]["question_id"]
    told = api.patch(first["url"], {"answers": [{"question": by_id, "text": "The owner."}]}).json()
    assert [row["text"] for row in told["answers"]][:3] == ["It leaked.", "The owner.", "We walked the line."]


def test_activity_is_named_by_its_codes_id(api, workspace, designer):
    with scope.in_workspace(workspace.pk):
        code = factory.code(designer, "Measure it")
        role = factory.code(designer, "Buyer", "role")
    told = api.post(INTERVIEWS, story(moments=[{"activity": str(code.pk)}])).json()
    (moment,) = told["moments"]
    assert (moment["activity"], moment["name"], moment["happened_on"]) == (str(code.pk), "Measure it", None)
    assert (moment["together"], moment["place_words"], moment["date_words"]) == (False, "", "")
    refused = api.post(INTERVIEWS, story(external_id="x", moments=[{"activity": str(role.pk)}]))
    assert refused.status_code == 409
    with scope.in_workspace(workspace.pk):
        assert not Interview.objects.filter(external_id="x").exists()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"customer": ""}, 400),
        ({"customer": None}, 400),
        ({"customer": 7}, 400),
        ({"customer": "a\x00b"}, 409),
        ({"outcome": "maybe"}, 400),
        ({"weight": 0}, 400),
        ({"weight": "heavy"}, 400),
        ({"weight": True}, 400),
        ({"weight": "1e999"}, 400),
        ({"weight": "NaN"}, 400),
        ({"weight": 10**400}, 400),
        ({"held_on": "yesterday"}, 400),
        ({"segment": ""}, 400),
        ({"segment": "9" * 18}, 409),
        ({"answers": [{"question": 0, "text": "x"}]}, 400),
        ({"answers": [{"question": 7, "text": "x"}]}, 409),
        ({"answers": [{"question": "x", "text": "x"}]}, 409),
        ({"answers": [{"question": True, "text": "x"}]}, 400),
        ({"answers": [{"question": 1, "text": "x"}, {"question": 1, "text": "y"}]}, 409),
        ({"answers": [{"text": "x"}]}, 400),
        ({"answers": "x"}, 400),
        ({"answers": [None]}, 400),
        ({"moments": [{"activity": ""}]}, 400),
        ({"moments": [{"activity": "x" * 121}]}, 400),
        ({"moments": [{"activity": "x", "happened_on": "2026-13-01"}]}, 400),
        ({"moments": [{}]}, 400),
        ({"moments": [{"activity": "x"}] * 501}, 400),
    ],
)
def test_interview_that_does_not_fit_is_refused_whole(api, workspace, changed, status):
    response = api.post(INTERVIEWS, story(**changed))
    assert response.status_code == status, response.json()
    assert response.json()["errors"]
    with scope.in_workspace(workspace.pk):
        assert (Interview.objects.count(), Code.objects.count(), Segment.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("body", [[], "x", 7, None, {"external_id": ["a"]}, {"external_id": {"a": 1}}])
def test_any_json_is_answered(api, body):
    for url in (INTERVIEWS, CODES):
        assert api.post(url, body).status_code == 400


def test_code_is_added_once_changed_and_listed(api):
    body = {"kind": "activity", "name": "Walk  the line", "description": "They walk.", "job": "solve"}
    made = api.post(CODES, body)
    told = made.json()
    assert (made.status_code, told["name"], told["job"]) == (201, "Walk the line", "solve")
    assert api.post(CODES, body).status_code == 409
    changed = api.patch(told["url"], {"name": "Walk it", "description": ""})
    assert (changed.status_code, changed.json()["name"]) == (200, "Walk it")
    api.post(CODES, {"kind": "role", "name": "Buyer"})
    listed = api.get(CODES, {"kind": "role"}).json()
    assert [row["name"] for row in listed["results"]] == ["Buyer"]
    assert set(listed) == {"results", "next", "previous"}
    assert api.get(CODES, {"kind": "thing"}).status_code == 400


def test_interviews_are_filtered_ordered_and_paged(api):
    for number in range(3):
        outcome = "won" if number else "lost"
        api.post(
            INTERVIEWS, story(external_id=f"c-{number}", held_on=f"2026-01-0{number + 1}", outcome=outcome, moments=[])
        )
    asked = {"outcome": "won", "ordering": "held_on", "page_size": 1}
    first = api.get(INTERVIEWS, asked).json()
    second = api.get(first["next"]).json()
    assert [row["external_id"] for row in first["results"] + second["results"]] == ["c-1", "c-2"]
    assert second["next"] is None
    assert [row["external_id"] for row in api.get(INTERVIEWS, {"held_before": "2026-01-02"}).json()["results"]] == [
        "c-0"
    ]
    assert [row["external_id"] for row in api.get(INTERVIEWS, {"external_id": "c-2"}).json()["results"]] == ["c-2"]
    assert api.get(INTERVIEWS, {"held_before": "02/01/2026"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_a_constant_number_of_queries(api, django_assert_num_queries, rows):
    for number in range(rows):
        api.post(INTERVIEWS, story(external_id=f"c-{number}"))
    api.get(INTERVIEWS)
    with django_assert_num_queries(10):  # six of them find the token and count its requests
        assert len(api.get(INTERVIEWS).json()["results"]) == rows


def test_manager_reads_and_others_do_not(api, api_of, manager, rep, admin):
    made = api.post(INTERVIEWS, story()).json()
    mona = api_of(manager)
    assert (mona.get(INTERVIEWS).status_code, mona.get(made["url"]).status_code) == (200, 200)
    assert mona.post(INTERVIEWS, story()).status_code == 403
    assert mona.patch(made["url"], {"role": "x"}).status_code == 403
    for person in (rep, admin):
        client = api_of(person)
        assert [client.get(url).status_code for url in (INTERVIEWS, CODES, made["url"])] == [403, 403, 403]
    assert APIClient().get(INTERVIEWS).status_code == 401


def test_other_workspace_finds_nothing(api, api_of, outsider):
    made = api.post(INTERVIEWS, story()).json()
    olaf = api_of(outsider)
    assert olaf.get(INTERVIEWS).json()["results"] == []
    assert olaf.get(made["url"]).status_code == 404
    assert olaf.patch(made["url"], {"role": "x"}).status_code == 404
    assert olaf.get(f"{CODES}{made['moments'][0]['activity']}/").status_code == 404
    assert olaf.post(INTERVIEWS, story()).status_code == 201
    assert [api.get(f"{INTERVIEWS}{pk}/").status_code for pk in ("0", "x", "9" * 40, "-1")] == [404] * 4
