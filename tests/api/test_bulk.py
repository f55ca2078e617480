"""Many lines in one request: each that fails is named, the others are written together."""

import gzip
import json
import zlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import Role
from audit.models import AuditEvent
from core import parsers, scope
from deals.models import Alignment, Deal, OutcomeEvent, Signal, StageEvent
from deals.services import loading
from tests.factories import deals as factory
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db
SIGNALS, DEALS = "/api/v1/bulk/signals/", "/api/v1/bulk/deals/"
WHEN = "2026-03-02T09:30:00Z"


@pytest.fixture
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        return factory.live_version(workspace, designer)


@pytest.fixture
def deal(designer, version, workspace):
    with scope.in_workspace(workspace.pk):
        return factory.deal(designer, version, external_id="crm-1", opened_at=timezone.now() - timedelta(days=900))


@pytest.fixture
def api(api_of, designer):
    return api_of(designer)


@pytest.fixture
def inside(workspace):
    with scope.in_workspace(workspace.pk):
        yield


def send(api, address, rows, **headers):
    body = b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.compress(body)
    return api.generic("POST", address, body, content_type="application/x-ndjson", headers=headers)


def signal(**fields):
    return {"deal_external_id": "crm-1", "activity": "a", "word": "confirmed", "occurred_at": WHEN} | fields


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_signals_by_either_id_of_the_deal_and_name_or_id_of_the_code(api, deal, version, inside, encoding):
    code = version.stages.first().activities.filter(actor="customer").first().code
    rows = [
        signal(external_id="s1"),
        signal(activity=str(code.pk), external_id="s2"),
        {"deal": str(deal.pk)}
        | {k: v for k, v in signal(activity="A", note="By phone").items() if k != "deal_external_id"},
    ]
    answer = send(api, SIGNALS, rows, **{"Content-Encoding": encoding})
    assert answer.json() == {"lines": 3, "created": 3, "changed": 0, "unchanged": 0, "failed": 0, "errors": []}
    assert Signal.objects.filter(deal=deal).count() == 3
    deal.refresh_from_db()
    assert deal.last_signal_at.isoformat() == "2026-03-02T09:30:00+00:00"


def test_signals_sent_again_change_nothing_and_corrections_stand(api, deal, inside):
    rows = [signal(external_id="s1"), signal(external_id="s2")]
    assert send(api, SIGNALS, rows).json()["created"] == 2
    assert send(api, SIGNALS, rows).json()["unchanged"] == 2
    answer = send(api, SIGNALS, [rows[0], signal(external_id="s2", word="reported")]).json()
    assert (answer["created"], answer["changed"], answer["unchanged"]) == (0, 1, 1)
    standing = Signal.objects.filter(deal=deal, retracted_at__isnull=True).order_by("external_id")
    assert [(row.external_id, row.word) for row in standing] == [("s1", "confirmed"), ("s2", "reported")]
    assert Signal.objects.count() == 3


def test_each_line_that_fails_is_named_and_the_others_stand(api, deal, inside):
    rows = [
        signal(),
        b"{",
        b"",
        b"[1]",
        signal(word="rumour"),
        signal(deal_external_id="crm-2"),
        signal(activity="nothing of the kind"),
        signal(occurred_at="2999-01-01T00:00:00Z"),
        signal(occurred_at="yesterday"),
        signal(deal=str(deal.pk)),
        signal(external_id="twice"),
        signal(external_id="twice"),
        b'{"deal_external_id": "crm-1\\u0000"}',
        b"\xff\xfe",
        signal(activity="b"),
        signal(word="\ud800"),
    ]
    answer = send(api, SIGNALS, rows).json()
    assert (answer["lines"], answer["created"], answer["failed"]) == (15, 3, 12)
    named = {(error["line"], error["field"]) for error in answer["errors"]}
    assert named == {
        (2, ""),
        (4, ""),
        (5, "word"),
        (6, "deal"),
        (7, "activity"),
        (8, "occurred_at"),
        (9, "occurred_at"),
        (10, "deal"),
        (12, "external_id"),
        (13, "deal_external_id"),
        (13, "activity"),
        (13, "word"),
        (13, "occurred_at"),
        (14, ""),
        (16, ""),
    }
    assert all(error["reason"] for error in answer["errors"])
    assert Signal.objects.count() == 3


def test_all_or_nothing_where_it_is_asked_for(api, deal, inside):
    answer = send(api, f"{SIGNALS}?atomic=true", [signal(), signal(word="rumour")])
    assert answer.status_code == 409
    assert [(error["code"], error["attr"]) for error in answer.json()["errors"]] == [("lines_refused", "2.word")]
    assert Signal.objects.count() == 0
    assert send(api, f"{SIGNALS}?atomic=true", [signal(), signal()]).json()["created"] == 2


def test_signals_of_deals_that_one_may_not_see_are_not_there(api_of, workspace, version, inside):
    mona, rolf, cora = (
        MembershipFactory(workspace=workspace, role=role) for role in (Role.MANAGER, Role.REP, Role.REP)
    )
    factory.deal(rolf, version, external_id="crm-1", days_old=900)
    rows = [signal()]
    assert send(api_of(rolf), SIGNALS, rows).json()["created"] == 1
    for stranger in (mona, cora):
        answer = send(api_of(stranger), SIGNALS, rows).json()
        assert answer["errors"] == [{"line": 1, "field": "deal", "reason": "There is no such deal."}]


def test_signals_on_closed_deals_only_up_to_their_end(api, deal, inside):
    Deal.objects.filter(pk=deal.pk).update(outcome="won", closed_at="2026-03-02T09:30:00Z")
    answer = send(api, SIGNALS, [signal(), signal(occurred_at="2026-03-02T09:30:01Z")]).json()
    assert (answer["created"], [error["line"] for error in answer["errors"]]) == (1, [2])


def test_deals_made_then_brought_up_to_date(api, workspace, designer, version, inside):
    stage = factory.stage(version, 2)
    row = {
        "external_id": "crm-7",
        "name": "Mill",
        "amount": "184000.00",
        "currency": "EUR",
        "owner": designer.user.email.upper(),
        "stage": stage.name,
        "opened_at": "2026-01-05T08:00:00Z",
    }
    assert send(api, DEALS, [row]).json()["created"] == 1
    deal = Deal.objects.get()
    assert (deal.version, deal.stage, deal.owner, str(deal.amount)) == (version, stage, designer, "184000.00")
    assert send(api, DEALS, [row]).json()["unchanged"] == 1
    closed = {"external_id": "crm-7", "outcome": "lost", "closed_at": "2026-02-01T08:00:00Z"}
    assert send(api, DEALS, [closed]).json()["changed"] == 1
    deal.refresh_from_db()
    assert (deal.outcome, deal.name, deal.stage) == ("lost", "Mill", stage)
    assert list(StageEvent.objects.values_list("to_stage", flat=True)) == [stage.pk]
    assert list(OutcomeEvent.objects.values_list("outcome", flat=True)) == ["lost"]


def test_deals_that_fail_are_named(api, version, inside):
    rows = [
        {"external_id": "1", "amount": "-5.00"},
        {"external_id": "2", "amount": 5},
        {"name": "No id"},
        {"external_id": "4", "owner": "nobody@example.com"},
        {"external_id": "5", "segment": "nothing"},
        {"external_id": "6", "version": "999"},
        {"external_id": "7", "stage": "nowhere"},
        {"external_id": "8", "opened_at": "2999-01-01T00:00:00Z"},
        {
            "external_id": "9",
            "opened_at": "2026-02-01T00:00:00Z",
            "outcome": "won",
            "closed_at": "2026-01-01T00:00:00Z",
        },
        {"external_id": "10"},
        {"external_id": "10"},
    ]
    answer = send(api, DEALS, rows).json()
    assert [(error["line"], error["field"]) for error in answer["errors"]] == [
        (1, "amount"),
        (2, "amount"),
        (3, "external_id"),
        (4, "owner"),
        (5, "segment"),
        (6, "version"),
        (7, "stage"),
        (8, "opened_at"),
        (9, "closed_at"),
        (11, "external_id"),
    ]
    assert list(Deal.objects.values_list("external_id", flat=True)) == ["10"]


def test_queries_do_not_grow_with_the_lines(api, deal, inside):
    def queries(count):
        with CaptureQueriesContext(connection) as told:
            rows = [signal(external_id=f"{count}-{number}") for number in range(count)]
            assert send(api, SIGNALS, rows).json()["created"] == count
        return len(told)

    queries(1)  # the token notes its last use once a minute
    assert queries(500) == queries(5)


def test_queries_do_not_grow_with_the_deals(api, version, inside):
    stages = list(version.stages.all())

    def queries(count, system="crm", **told):
        rows = [{"external_id": f"{system}-{number}", "stage": stages[1].name, **told} for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            answer = send(api, DEALS, rows).json()
        assert answer["created"] + answer["changed"] == count
        return len(seen)

    queries(1, "first")
    assert queries(300) == queries(3, "other")
    assert queries(300, name="C") == queries(3, name="D")
    assert queries(300, stage=stages[2].name) == queries(3, stage=stages[0].name)


def test_chunks_are_one_load(api, deal, inside, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(loading, "CHUNK", 3)
    with django_capture_on_commit_callbacks() as rung:
        assert send(api, SIGNALS, [signal(external_id=str(number)) for number in range(10)]).json()["created"] == 10
    assert len(rung) == 1
    assert AuditEvent.objects.filter(verb="signal.load").count() == 1
    assert send(api, SIGNALS, [signal(external_id="x"), *[signal()] * 5, signal(external_id="x")]).json()["failed"] == 1


def test_bulk_work_waits_behind_people(api, deal, inside):
    Alignment.objects.update(urgent=False, scored_version=9)
    send(api, SIGNALS, [signal()])
    row = Alignment.objects.get()
    assert (row.urgent, row.inputs_version) == (False, 2)


def test_too_many_lines_write_nothing(api, deal, inside, monkeypatch):
    monkeypatch.setattr(parsers, "MAX_LINES", 5)
    monkeypatch.setattr(loading, "CHUNK", 2)
    answer = send(api, SIGNALS, [signal()] * 6)
    assert (answer.status_code, Signal.objects.count()) == (413, 0)
    assert send(api, SIGNALS, [signal()] * 5).json()["created"] == 5


def test_long_line_is_413(api, deal, inside):
    assert send(api, SIGNALS, [signal(), signal(note="x" * parsers.MAX_LINE)]).status_code == 413
    assert Signal.objects.count() == 0


def test_gzip_that_would_fill_the_memory_is_413(api, deal, inside):
    bomb = gzip.compress(b"\n" * 50_000_000)
    assert len(bomb) < 100_000
    answer = api.generic(
        "POST", SIGNALS, bomb, content_type="application/x-ndjson", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("spoil", [lambda body: body[:-9], lambda body: b"no" + body, lambda body: body + b"more"])
def test_spoilt_gzip_writes_nothing(api, deal, inside, spoil):
    body = spoil(gzip.compress(json.dumps(signal()).encode() + b"\n"))
    answer = api.generic(
        "POST", SIGNALS, body, content_type="application/x-ndjson", headers={"Content-Encoding": "gzip"}
    )
    assert (answer.status_code, Signal.objects.count()) == (400, 0)


def test_other_encodings_are_415(api, deal):
    body = zlib.compress(json.dumps(signal()).encode())
    answer = api.generic(
        "POST", SIGNALS, body, content_type="application/x-ndjson", headers={"Content-Encoding": "deflate"}
    )
    assert answer.status_code == 415


def test_nothing_sent_is_400(api):
    assert send(api, SIGNALS, []).status_code == 400
