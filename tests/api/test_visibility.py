"""Every operation of the schema: for nobody, for another workspace, for each role, for a rep without the deal.

One test walks all operations, since a workspace with a row of everything takes a while to make.
"""

import pytest

from core import scope
from core.api_schema import SchemaGenerator

pytestmark = pytest.mark.django_db
PAGES_OF_SALES_OPS = {"codes", "interviews"}
LINES = "application/x-ndjson"


@pytest.fixture
def operations():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    found = [(path, method) for path, item in sorted(paths.items()) for method in sorted(item)]
    assert len(found) >= 25
    return found


def walk(client, operations, ids):
    """Call each operation with an empty body; give {(path, method): answer}."""
    answers = {}
    for path, method in operations:
        address = path.replace("{id}", ids[path]).replace("{deal_id}", ids[path])
        bulk = "/bulk/" in path
        body, kind = ("{}\n", LINES) if bulk else ("{}", "application/json")
        with scope.nowhere():
            answer = client.generic(
                method.upper(), address, b"" if method == "get" else body.encode(), content_type=kind
            )
        answers[path, method] = answer
    return answers


def statuses(answers):
    return {operation: answer.status_code for operation, answer in answers.items()}


def resource(path):
    return path.split("/")[3]


def test_nobody_gets_anything(anyone, world, operations):
    answers = walk(anyone, operations, world)
    assert statuses(answers) == dict.fromkeys(operations, 401)
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {'Bearer realm="api"'}
    assert {error["code"] for answer in answers.values() for error in answer.json()["errors"]} == {"not_authenticated"}


def test_session_opens_pages_and_never_the_api(client_of, designer, world, operations):
    assert statuses(walk(client_of(designer), operations, world)) == dict.fromkeys(operations, 401)


def test_another_workspace_sees_and_changes_nothing(api_of, outsider, world, operations):
    answers = walk(api_of(outsider), operations, world)
    named = {operation: status for operation, status in statuses(answers).items() if "{" in operation[0]}
    assert named == dict.fromkeys(named, 404)
    lists = {path: answer.json() for (path, method), answer in answers.items() if method == "get" and "{" not in path}
    assert {path: page["results"] for path, page in lists.items()} == {path: [] for path in lists}
    assert "Harbour Mills" not in "".join(answer.content.decode() for answer in answers.values())


def test_admin_sees_settings_alone(api_of, admin, world, operations):
    found = statuses(walk(api_of(admin), operations, world))
    expected = dict.fromkeys(operations, 403)
    expected |= {each: 404 if "{" in each[0] else 200 for each in operations if resource(each[0]) == "jobs"}
    assert found == expected


def expected_of_rep(path, method):
    kind, named = resource(path), "{" in path
    if kind == "bulk":
        return 200 if path.endswith("/signals/") else 403
    if kind in PAGES_OF_SALES_OPS or (kind in {"processes", "versions", "segments"} and method != "get"):
        return 403
    if kind in {"deals", "jobs"}:
        return 404 if named else {"get": 200, "post": 400}[method]
    return 200


def test_rep_without_the_deal(api_of, rep, world, operations):
    answers = walk(api_of(rep), operations, world)
    assert statuses(answers) == {each: expected_of_rep(*each) for each in operations}
    assert answers["/api/v1/deals/", "get"].json()["results"] == []
    assert "Harbour Mills" not in "".join(answer.content.decode() for answer in answers.values())


def test_designer_reads_everything(api_of, designer, world, operations):
    reads = [each for each in operations if each[1] == "get"]
    answers = walk(api_of(designer), reads, world)
    assert statuses(answers) == dict.fromkeys(reads, 200)
    lists = {path for (path, _), answer in answers.items() if "{" not in path and answer.json()["results"] == []}
    assert lists == set()
