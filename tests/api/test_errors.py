"""Every refusal has one shape, and says what to do."""

import base64

import pytest
from django.core.cache import cache
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from rest_framework.request import Request

from core.api import exception_handler
from core.throttles import TokenThrottle
from tests.factories import deals as make

pytestmark = pytest.mark.django_db
DEALS = "/api/v1/deals/"


def codes(answer):
    told = answer.json()
    assert set(told) == {"type", "errors"}
    assert all(set(error) == {"code", "detail", "attr"} for error in told["errors"])
    return [(error["code"], error["attr"]) for error in told["errors"]]


@pytest.fixture
def api(api_of, designer):
    return api_of(designer)


def test_malformed_is_400(api):
    answer = api.post(DEALS, {"name": 7, "amount": 12.5})
    assert (answer.status_code, codes(answer)) == (400, [("invalid", "name"), ("invalid", "amount")])


def test_broken_json_is_400(api):
    answer = api.generic("POST", DEALS, b'{"name": ', content_type="application/json")
    assert (answer.status_code, codes(answer)) == (400, [("parse_error", None)])


def test_json_nested_too_deeply_is_400(api):
    answer = api.generic("POST", DEALS, b"[" * 100_000, content_type="application/json")
    assert (answer.status_code, codes(answer)) == (400, [("parse_error", None)])


@pytest.mark.parametrize(
    "body", [b'{"name": "x", "external_id": "\\ud800"}', b'{"name": "x", "\\udfff": 1}', b"1" * 5000]
)
@pytest.mark.parametrize("address", [DEALS, "/api/v1/interviews/", "/api/v1/processes/"])
def test_json_that_nothing_can_hold_is_400(api, address, body):
    answer = api.generic("POST", address, body, content_type="application/json")
    assert (answer.status_code, codes(answer)) == (400, [("parse_error", None)])


def test_cursor_with_half_a_character_is_404(api):
    cursor = base64.urlsafe_b64encode(b'{"after": ["\\ud800", "1"], "back": false}').decode()
    answer = api.get(DEALS, {"ordering": "name", "cursor": cursor})
    assert (answer.status_code, codes(answer)) == (404, [("not_found", None)])


def test_unknown_token_is_401(api):
    api.credentials(HTTP_AUTHORIZATION="Bearer sfl_unknown")
    answer = api.get(DEALS)
    assert (answer.status_code, codes(answer)) == (401, [("authentication_failed", None)])


def test_role_that_may_not_is_403(api_of, admin):
    answer = api_of(admin).get(DEALS)
    assert (answer.status_code, codes(answer)) == (403, [("permission_denied", None)])


@pytest.mark.parametrize("path", ["deals/999999999999999999999999/", "deals/%00/", "deals/x/y/z/", "nothing/", ""])
def test_nothing_there_is_404(api, path):
    answer = api.get(f"/api/v1/{path}")
    assert (answer.status_code, codes(answer)) == (404, [("not_found", None)])


def test_wrong_method_is_405_and_names_the_right_ones(api):
    answer = api.delete(DEALS)
    assert (answer.status_code, codes(answer)) == (405, [("method_not_allowed", None)])
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_no_json_wanted_is_406(api):
    answer = api.get(DEALS, headers={"Accept": "image/png"})
    assert (answer.status_code, codes(answer)) == (406, [("not_acceptable", None)])


def test_what_a_rule_refuses_is_409(api):
    answer = api.post(DEALS, {"name": "Mill", "opened_at": "2999-01-01T00:00:00Z"})
    assert (answer.status_code, codes(answer)) == (409, [("refused", "opened_at")])


def test_too_much_is_413(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    for headers in ({}, {"Idempotency-Key": "one"}):
        answer = api.post(DEALS, {"name": "x" * 200}, headers=headers)
        assert (answer.status_code, codes(answer)) == (413, [("too_large", None)])


def test_other_content_is_415(api):
    answer = api.generic("POST", DEALS, b"name=Mill", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, codes(answer)) == (415, [("unsupported_media_type", None)])


def test_too_often_is_429_for_one_token_alone(api, api_of, rep, monkeypatch):
    cache.clear()
    monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"token": "2/min"})
    assert [api.get(DEALS).status_code for _ in range(2)] == [200, 200]
    answer = api.get(DEALS)
    assert (answer.status_code, codes(answer)) == (429, [("throttled", None)])
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert api_of(rep).get(DEALS).status_code == 200
    cache.clear()


def test_address_without_its_last_slash_is_the_same(api):
    made = api.post("/api/v1/deals", {"name": "Mill"})
    assert made.status_code == 201
    assert api.get(f"/api/v1/deals/{made.json()['id']}").json() == api.get(made.json()["url"]).json()


def test_slip_in_a_parameter_is_400(api):
    answer = api.get(f"{DEALS}?outcom=won")
    assert (answer.status_code, codes(answer)) == (400, [("invalid", "outcom")])


def test_moments_are_utc_whatever_the_person_reads(api, designer):
    designer.user.time_zone = "Europe/Vienna"
    designer.user.save()
    answer = api.post(DEALS, {"name": "Mill", "opened_at": "2026-03-02T10:30:00+01:00"})
    assert answer.json()["opened_at"] == "2026-03-02T09:30:00Z"


def test_twin_that_another_request_made_meanwhile_is_409(in_workspace, rep):
    known = make.deal(rep, external_id="A-1")
    known.pk = None
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        known.save(force_insert=True)
    answer = exception_handler(raised.value, {"view": None, "request": None})
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert [error["code"] for error in answer.data["errors"]] == ["busy"]


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_lost_database_is_503(lost, rf):
    answer = exception_handler(lost("server closed the connection"), {"view": None, "request": Request(rf.get(DEALS))})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert [error["code"] for error in answer.data["errors"]] == ["unavailable"]
