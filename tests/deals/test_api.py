"""Deals over the API: what is taken, what is given, who sees it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services.tokens import token_create
from core import scope
from deals import services
from deals.models import Deal, Signal, StageEvent
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db
DEALS = "/api/v1/deals"


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)


@pytest.fixture
def api_of():
    """Give a client that holds a token of a member."""

    def issue(membership):
        with scope.in_workspace(membership.workspace_id):
            _, secret = token_create(membership=membership, name="test", actor=membership)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        client.raise_request_exception = True
        return client

    return issue


@pytest.fixture
def api(api_of, rep):
    return api_of(rep)


@pytest.fixture
def deal(rep, version):
    return factory.deal(rep, version, stage=factory.stage(version, 2))


def test_deal_made_and_read_back(api, rep, version):
    made = api.post(
        DEALS, {"name": "Mill", "amount": "184000.00", "currency": "EUR", "stage": "a and b"}, format="json"
    )
    assert made.status_code == 409, "a stage that the process does not have"
    stage = factory.stage(version, 1)
    made = api.post(DEALS, {"name": "Mill", "amount": "184000.00", "currency": "EUR", "stage": stage.name.upper()})
    assert made.status_code == 201
    read = api.get(f"{DEALS}/{made.data['id']}")
    assert read.data == made.data
    assert (read.data["owner"], read.data["version"], read.data["stage"]) == (
        str(rep.pk),
        str(version.pk),
        str(stage.pk),
    )
    assert read.data["amount"] == "184000.00"


def test_same_external_id_changes_the_deal(api, version):
    first = api.post(DEALS, {"external_id": "crm-7", "name": "Mill"})
    again = api.post(DEALS, {"external_id": "crm-7", "outcome": "won", "stage": str(factory.stage(version, 3).pk)})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data["id"] == first.data["id"]
    assert (again.data["name"], again.data["outcome"]) == ("Mill", "won")
    assert Deal.objects.count() == 1


def test_deal_changed_field_by_field(api, deal):
    response = api.patch(f"{DEALS}/{deal.pk}", {"account": "Harbour Mills Ltd", "channels": ["partner"]})
    assert response.status_code == 200
    stored = Deal.objects.get(pk=deal.pk)
    assert (stored.account, stored.channels) == ("Harbour Mills Ltd", ["partner"])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": "x" * 161},
        {"name": "x", "amount": -1},
        {"name": "x", "amount": "NaN"},
        {"name": "x", "amount": 1e30},
        {"name": "x", "currency": "euro"},
        {"name": "x", "owner": True},
        {"name": "x", "owner": {"id": 1}},
        {"name": "x", "version": "a\u0000b"},
        {"name": "x", "channels": "online"},
        {"name": "x", "channels": ["telepathy"]},
        {"name": "x", "outcome": "perhaps"},
        {"name": "x", "opened_at": "yesterday"},
        {"name": "x\u0000"},
        {"name": "x", "external_id": "\u0000"},
        [1, 2],
        "text",
    ],
)
def test_wrong_deals_are_refused(api, wrong):
    response = api.post(DEALS, wrong, format="json")
    assert response.status_code == (409 if "\\x00" in repr(wrong) else 400)
    assert response.data["errors"]
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    "refused",
    [
        {"name": "x", "owner": "nobody@example.com"},
        {"name": "x", "segment": "999999999999999999999999"},
        {"name": "x", "opened_at": "2999-01-01T00:00:00Z"},
        {"name": "x", "opened_at": "2026-01-02T00:00:00Z", "outcome": "won", "closed_at": "2026-01-01T00:00:00Z"},
        {"name": "x", "closed_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_deals_that_break_a_rule_are_refused(api, refused):
    assert api.post(DEALS, refused).status_code == 409
    assert not Deal.objects.exists()


def test_filters_and_ordering(api, deal, rep, version):
    factory.deal(rep, version, name="Another", outcome="won")
    assert [each["name"] for each in api.get(DEALS, {"outcome": "won"}).data["results"]] == ["Another"]
    assert [each["name"] for each in api.get(DEALS, {"ordering": "name"}).data["results"]] == [
        "Another",
        "Harbour Mills",
    ]
    assert api.get(DEALS, {"stage": str(deal.stage_id)}).data["results"][0]["id"] == str(deal.pk)
    assert api.get(DEALS, {"owner": "x"}).data["results"] == []
    assert api.get(DEALS, {"outcome": "x"}).status_code == 400


def test_stage_events_take_loops(api, deal, version, designer):
    url = f"{DEALS}/{deal.pk}/stage-events"
    back = api.post(url, {"stage": str(factory.stage(version, 1).pk)})
    assert back.status_code == 201
    assert back.data["from_stage"] == str(factory.stage(version, 2).pk)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 1)
    assert [each["stage"] for each in api.get(url).data["results"]] == [
        str(factory.stage(version, number).pk) for number in (1, 2)
    ]
    other = factory.buying_process.services.version_copy(version=version, actor=designer)
    known = api.post(url, {"stage": str(factory.stage(other, 3).pk)})
    assert known.data["stage"] == str(factory.stage(version, 3).pk), "the number of another version is the same stage"
    assert api.post(url, {"stage": "0"}).status_code == 409
    assert api.post(url, {}).status_code == 400


def test_signals_by_code_and_name_and_once_by_external_id(api, deal, version):
    url = f"{DEALS}/{deal.pk}/signals"
    a = factory.activity(version, "a")
    at = (timezone.now() - timedelta(days=3)).isoformat()
    sent = {"activity": str(a.code_id), "word": "confirmed", "occurred_at": at, "external_id": "s-1"}
    first = api.post(url, sent)
    assert first.status_code == 201
    assert (first.data["activity"], first.data["activity_name"]) == (str(a.code_id), "a")
    assert api.post(url, sent).data["id"] == first.data["id"]
    changed = api.post(url, sent | {"word": "reported", "activity": "B"})
    assert (changed.data["activity_name"], changed.data["word"]) == ("b", "reported")
    assert [each["id"] for each in api.get(url).data["results"]] == [changed.data["id"]]
    assert Signal.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"activity": "a"},
        {"activity": "a", "word": "rumour"},
        {"activity": ["a"], "word": "observed"},
        {"activity": "a", "word": "observed", "note": "x" * 501},
        {"activity": "a", "word": "observed", "note": "\u0000"},
    ],
)
def test_wrong_signals_are_refused(api, deal, wrong):
    response = api.post(f"{DEALS}/{deal.pk}/signals", wrong)
    assert response.status_code == (409 if "\\x00" in repr(wrong) else 400)
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    "refused",
    [
        {"activity": "Help 1", "word": "observed"},
        {"activity": "no such thing", "word": "observed"},
        {"activity": "a", "word": "observed", "occurred_at": "2999-01-01T00:00:00Z"},
    ],
)
def test_signals_that_break_a_rule_are_refused(api, deal, refused):
    assert api.post(f"{DEALS}/{deal.pk}/signals", refused).status_code == 409
    assert not Signal.objects.exists()


def test_signal_on_a_deal_without_process_is_refused(api, rep):
    bare = factory.deal(rep)
    Deal.objects.filter(pk=bare.pk).update(version=None)
    response = api.post(f"{DEALS}/{bare.pk}/signals", {"activity": "a", "word": "observed"})
    assert response.status_code == 409


def test_signal_on_a_closed_deal_is_refused(api, deal, rep):
    services.deal_close(deal=deal, outcome="won", actor=rep)
    response = api.post(f"{DEALS}/{deal.pk}/signals", {"activity": "a", "word": "observed"})
    assert response.status_code == 409


def test_effort_is_ours(api, deal, version, designer):
    url = f"{DEALS}/{deal.pk}/efforts"
    made = api.post(url, {"activity": "help 2", "occurred_at": timezone.now().isoformat()})
    assert made.status_code == 201
    assert made.data["activity"] == str(factory.activity(version, "Help 2").pk)
    other = factory.buying_process.services.version_copy(version=version, actor=designer)
    known = api.post(url, {"activity": str(factory.activity(other, "Help 2").pk)})
    assert known.data["activity"] == made.data["activity"], "the number of another version is the same activity"
    assert api.post(url, {"activity": "a"}).status_code == 409


def test_alignment_with_its_parts(api, deal, version, rep):
    url = f"{DEALS}/{deal.pk}/alignment"
    assert api.get(url).data["stale"] is True
    factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    found = api.get(url).data
    assert found["stale"] is False
    assert found["reason"] is None
    assert found["position"] == pytest.approx([0.0374, 0.1986, 0.7640], abs=5e-5)
    assert sum(found["tomorrow"]) == pytest.approx(1)
    assert found["likely_stage"] == str(factory.stage(version, 3).pk)
    assert found["version"] == str(version.pk)
    assert sorted(found["components"]) == ["effort", "evidence", "information", "people", "position"]
    assert sum(found["outlook"].values()) == pytest.approx(1)
    assert len(found["deficits"]) == 3
    assert found["deficits"][0]["lift"] >= found["deficits"][1]["lift"] > 0


def test_lift_is_what_the_change_really_gives(api, deal, version, rep):
    factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    url = f"{DEALS}/{deal.pk}/alignment"
    before = api.get(url).data
    [people] = [each for each in before["deficits"] if each["component"] == "people"]
    services.contact_add(deal=deal, name="Head", role=factory.need(version, "role", 3).code, actor=rep)
    services.alignments_recompute_stale()
    assert api.get(url).data["score"] - before["score"] == pytest.approx(people["lift"], abs=0.02)


def test_alignment_without_evidence(api, deal):
    services.alignments_recompute_stale()
    found = api.get(f"{DEALS}/{deal.pk}/alignment").data
    assert (found["score"], found["reason"], found["deficits"]) == (None, "no buyer evidence", [])


@pytest.mark.parametrize("tail", ["", "/alignment", "/signals", "/stage-events", "/efforts"])
def test_what_one_may_not_see_is_not_there(api_of, deal, colleague, outsider, admin, tail):
    url = f"{DEALS}/{deal.pk}{tail}"
    for stranger in (colleague, outsider):
        assert api_of(stranger).get(url).status_code == 404
    assert api_of(admin).get(url).status_code == 403
    assert APIClient().get(url).status_code == 401
    for no_id in ("0", "x", "9" * 40):
        assert api_of(colleague) is not None
        assert APIClient().get(f"{DEALS}/{no_id}{tail}").status_code == 401


def test_strange_ids_are_not_found(api):
    for no_id in ("0", "x", "9" * 40, "-1", "%00"):
        assert api.get(f"{DEALS}/{no_id}").status_code == 404
        assert api.post(f"{DEALS}/{no_id}/signals", {"activity": "a", "word": "observed"}).status_code == 404


def test_stranger_logs_nothing(api_of, deal, colleague, version):
    response = api_of(colleague).post(f"{DEALS}/{deal.pk}/stage-events", {"stage": str(factory.stage(version, 3).pk)})
    assert response.status_code == 404
    assert StageEvent.objects.filter(deal=deal).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(api, rep, version, count, django_assert_num_queries):
    for number in range(count):
        factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, 1))
    with django_assert_num_queries(
        9
    ):  # the token and its last use, the throttle's six in the database's cache, the deals
        assert len(api.get(DEALS).data["results"]) == count
