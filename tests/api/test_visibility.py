"""Every operation of the schema: for nobody, for another workspace, for each role, for a rep without the deal."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from core import scope
from tests.factories import deals as make_deals

pytestmark = pytest.mark.django_db


def operations():
    with scope.in_workspace(0):
        paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [(path, method) for path, item in sorted(paths.items()) for method in sorted(item)]


OPERATIONS = operations()


def call(client, path, method, ids):
    address = path.replace("{id}", "{pk}").replace("{deal_id}", "{pk}").format(pk=ids[path])
    if "/bulk/" in path:
        return client.generic("POST", address, b"{}\n", content_type="application/x-ndjson")
    return getattr(client, method)(address, *([{}] if method != "get" else []))


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_nobody_gets_anything(anyone, world, path, method):
    answer = call(anyone, path, method, world)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert [error["code"] for error in answer.json()["errors"]] == ["not_authenticated"]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_session_opens_pages_and_never_the_api(client_of, designer, world, path, method):
    client = client_of(designer)
    address = path.replace("{id}", world[path]).replace("{deal_id}", world[path])
    answer = client.get(address) if method == "get" else client.post(address, "{}", content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_another_workspace_sees_and_changes_nothing(api_of, outsider, world, path, method):
    answer = call(api_of(outsider), path, method, world)
    if "{" in path:
        assert answer.status_code == 404
    elif method == "get":
        assert (answer.status_code, answer.json()["results"]) == (200, [])
    else:
        assert answer.status_code in {200, 400}, "its own workspace takes nothing of an empty body"


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_admin_sees_settings_alone(api_of, admin, world, path, method):
    answer = call(api_of(admin), path, method, world)
    if path.startswith("/api/v1/jobs/"):
        assert answer.status_code == (404 if "{" in path else 200)
    else:
        assert answer.status_code == 403


REP = {
    "codes": 403,
    "interviews": 403,
    "jobs": 404,
    "processes": 200,
    "versions": 200,
    "deals": 404,
}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_rep_without_the_deal(api_of, rep, world, path, method):
    answer = call(api_of(rep), path, method, world)
    resource = path.split("/")[3]
    expected = REP.get(resource)
    if path == "/api/v1/bulk/deals/" or (
        method != "get" and resource in {"processes", "versions", "codes", "interviews"}
    ):
        expected = 403
    elif path == "/api/v1/bulk/signals/":
        expected = 200
    elif resource in {"deals", "jobs"} and "{" not in path:
        expected = 200 if method == "get" else 400
    assert answer.status_code == expected
    if expected == 200 and resource in {"deals", "jobs"}:
        assert answer.json()["results"] == []


@pytest.mark.parametrize(("path", "method"), [each for each in OPERATIONS if each[1] == "get"])
def test_designer_reads_everything(api_of, designer, world, path, method):
    answer = call(api_of(designer), path, method, world)
    assert answer.status_code == 200
    assert "{" in path or answer.json()["results"] != []


def test_rep_gives_no_deal_to_others_and_may_send_the_owner_that_it_has(api_of, in_workspace, rep, colleague):
    deal = make_deals.deal(colleague)
    deal.shared_with.add(rep)
    api, path = api_of(rep), f"/api/v1/deals/{deal.pk}/"
    assert api.post("/api/v1/deals/", {"name": "x", "owner": colleague.user.email}).status_code == 409
    assert api.patch(path, {"owner": str(rep.pk)}).data["owner"] == str(rep.pk)
    assert api.patch(path, {"owner": str(colleague.pk)}).status_code == 409
    assert api.patch(path, {"owner": str(rep.pk), "name": "y"}).status_code == 200
