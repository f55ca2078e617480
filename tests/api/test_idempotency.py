"""A request that is sent again, because its answer was lost, is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import ApiToken, IdempotencyKey
from accounts.services import idempotency
from core import scope
from deals.models import Deal

DEALS = "/api/v1/deals/"
ONE = {"Idempotency-Key": "one"}


def count(workspace):
    with scope.in_workspace(workspace.pk):
        return Deal.objects.count()


@pytest.fixture
def api(api_of, designer):
    return api_of(designer)


@pytest.mark.django_db
def test_same_request_is_answered_again_and_done_once(api, workspace):
    first = api.post(DEALS, {"name": "Mill", "amount": "12.50"}, headers=ONE)
    again = api.post(DEALS, {"name": "Mill", "amount": "12.50"}, headers=ONE)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert count(workspace) == 1


@pytest.mark.django_db
def test_same_key_with_another_request_is_refused(api, workspace):
    api.post(DEALS, {"name": "Mill"}, headers=ONE)
    other = api.post(DEALS, {"name": "Harbour"}, headers=ONE)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "idempotency_key_reused")
    assert count(workspace) == 1


@pytest.mark.django_db
def test_keys_of_two_tokens_are_two(api, api_of, rep, workspace):
    answers = [client.post(DEALS, {"name": "Mill"}, headers=ONE) for client in (api, api_of(rep))]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert count(workspace) == 2


@pytest.mark.django_db
def test_refused_request_may_come_again_put_right(api, workspace):
    assert api.post(DEALS, {"name": ""}, headers=ONE).status_code == 400
    assert api.post(DEALS, {"name": "Mill", "opened_at": "2999-01-01T00:00:00Z"}, headers=ONE).status_code == 409
    assert api.post(DEALS, {"name": "Mill"}, headers=ONE).status_code == 201
    assert count(workspace) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 201])
def test_strange_key_is_400(api, workspace, key):
    assert api.post(DEALS, {"name": "Mill"}, headers={"Idempotency-Key": key}).status_code == 400
    assert count(workspace) == 0


@pytest.mark.django_db
def test_key_holds_for_a_day_and_is_forgotten_then(api, workspace, designer):
    api.post(DEALS, {"name": "Mill"}, headers=ONE)
    with scope.in_workspace(workspace.pk):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert idempotency.keys_purge() == 0
    assert "Idempotent-Replayed" in api.post(DEALS, {"name": "Mill"}, headers=ONE).headers
    with scope.in_workspace(workspace.pk):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert "Idempotent-Replayed" not in api.post(DEALS, {"name": "Mill"}, headers=ONE).headers
    with scope.in_workspace(workspace.pk):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert idempotency.keys_purge() == 1
    assert count(workspace) == 2


@pytest.mark.django_db
def test_each_post_of_the_api_honours_the_key(api, world):
    signals = f"{DEALS}{world['deals']}/signals/"
    first = api.post(signals, {"activity": "b", "word": "confirmed"}, headers=ONE)
    assert first.status_code == 201
    assert api.post(signals, {"activity": "b", "word": "confirmed"}, headers=ONE).json() == first.json()
    line = b'{"external_id": "crm-9", "name": "Mill"}'
    for replayed in (False, True):
        answer = api.generic(
            "POST",
            "/api/v1/bulk/deals/",
            line,
            content_type="application/x-ndjson",
            headers={"Idempotency-Key": "bulk"},
        )
        assert (answer.json()["created"], "Idempotent-Replayed" in answer.headers) == (1, replayed)


@pytest.mark.django_db(transaction=True)
def test_second_request_at_the_same_time_is_told_to_wait(api, workspace):
    token = ApiToken._base_manager.get()

    def hold(started, release):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('idempotency:one', %s))", [token.pk])
        started.wait()
        release.wait()
        connection.close()

    started, release = Barrier(2), Barrier(2)
    with ThreadPoolExecutor() as threads:
        threads.submit(hold, started, release)
        started.wait(10)
        answer = api.post(DEALS, {"name": "Mill"}, headers=ONE)
        release.wait(10)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "idempotency_key_in_use")
    assert answer.headers["Retry-After"] == "1"
    assert count(workspace) == 0


@pytest.mark.django_db(transaction=True)
def test_six_at_once_make_one_deal(api, workspace):
    together = Barrier(6)

    def post(_):
        together.wait(10)
        try:
            return api.post(DEALS, {"name": "Mill"}, headers=ONE).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(post, range(6)))
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert count(workspace) == 1


@pytest.mark.django_db
def test_what_fails_after_it_wrote_leaves_neither_row_nor_key(api, workspace, monkeypatch):
    monkeypatch.setattr("deals.services.deals.enqueue", lambda *_: 1 / 0)
    api.raise_request_exception = False
    assert api.post(DEALS, {"name": "Mill"}, headers=ONE).status_code == 500
    monkeypatch.undo()
    assert count(workspace) == 0
    assert api.post(DEALS, {"name": "Mill"}, headers=ONE).status_code == 201
    assert count(workspace) == 1
