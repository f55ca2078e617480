"""Today, search, navigation, health: what holds the rooms together."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from accounts.context_processors import PAGES
from deals.models import Alignment
from deals.services import deal_create
from jobs.models import Job
from jobs.under_way import under_way
from salesflow import views
from tests.factories.accounts import MembershipFactory
from tests.factories.jobs import JobFactory

DEALS, ALERTS, INTERVIEWS, PROCESS = "Deals", "Alerts", "Interviews", "Process"


@pytest.mark.parametrize("part", [*views.TODAY, *views.SEARCHED], ids=lambda part: part.url_name)
def test_parts_have_addresses(part):
    assert (part.url[0], part.page_url[0]) == ("/", "/")


@pytest.mark.parametrize("name", [name for _, name, *_ in PAGES] + ["deals:delay"])
def test_pages_of_the_navigation_have_addresses(name):
    assert reverse(name).startswith("/")


@pytest.mark.parametrize(
    ("address", "section"),
    [("/", "Today"), ("/search/", None), ("/jobs/", "Settings"), ("/deals/alerts/", "Settings"), ("/deals/", "Deals")],
)
def test_page_says_which_section_it_belongs_to(address, section, rep, client_of):
    items = client_of(rep).get(address).context["navigation"]
    assert [item.label for item in items if item.active] == ([section] if section else [])


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.DESIGNER, [DEALS, ALERTS, INTERVIEWS, PROCESS]),
        (Role.MANAGER, [DEALS, ALERTS, PROCESS]),
        (Role.REP, [DEALS, ALERTS]),
        (Role.ADMIN, []),
    ],
)
def test_today_loads_the_parts_of_ones_role(role, expected, workspace, client_of):
    response = client_of(MembershipFactory(workspace=workspace, role=role)).get("/")
    assert [part.heading for part in response.context["parts"]] == expected
    for part in response.context["parts"]:
        assert f'hx-get="{part.url}"' in response.content.decode()
        assert f'href="{part.page_url}"' in response.content.decode()


@pytest.mark.parametrize("role", Role)
def test_every_part_of_today_answers_to_those_who_are_sent_there(role, workspace, client_of):
    client = client_of(MembershipFactory(workspace=workspace, role=role))
    for part in client.get("/").context["parts"]:
        assert client.get(part.url, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_search_answers_page_fragment_and_palette(role, workspace, client_of):
    client = client_of(MembershipFactory(workspace=workspace, role=role))
    assert b"<html" in client.get("/search/", {"q": "mill"}).content
    for headers in ({"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest"}):
        assert b"<html" not in client.get("/search/", {"q": "mill"}, headers=headers).content


def test_search_says_where_it_finds_nothing_or_has_too_little_to_go_by(designer, client_of):
    client = client_of(designer)
    assert "Type 2 letters or more." in client.get("/search/", {"q": "m"}).content.decode()
    assert "Nothing is found for “zzz”." in client.get("/search/", {"q": "zzz"}).content.decode()


def test_search_finds_what_the_rooms_find(designer, rep, client_of, in_workspace):
    deal = deal_create(actor=rep, name="Harbour Mills line 3", opened_at=timezone.now(), owner=rep)
    link = f'href="{deal.get_absolute_url()}"'
    palette = {"X-Requested-With": "XMLHttpRequest"}
    assert link in client_of(rep).get("/search/", {"q": "harbour"}, headers=palette).content.decode()
    colleague = MembershipFactory(workspace=in_workspace, role=Role.REP)
    assert link not in client_of(colleague).get("/search/", {"q": "harbour"}, headers=palette).content.decode()


def test_live_and_ready(client, db):
    assert client.get("/healthz/live").json() == {"status": "live"}
    last_looked(seconds_ago=1)
    assert client.get("/healthz/ready").json() == {"status": "ready", "sweep": "in time", "worker": "at work"}


def last_looked(*, seconds_ago):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_heartbeat SET beat_at = now() - make_interval(secs => %s)", [seconds_ago])


def test_ready_tells_of_a_worker_that_leaves_jobs_waiting_unless_others_keep_it_busy(client, rep, in_workspace):
    waiting, long_ago = JobFactory(started_by=rep), timezone.now() - timedelta(seconds=61)
    assert client.get("/healthz/ready").json()["worker"] == "at work"
    Job.objects.filter(pk=waiting.pk).update(created_at=long_ago, updated_at=long_ago)
    assert client.get("/healthz/ready").json()["worker"] == "at work", "the web's clock does not count"
    Job.objects.filter(pk=waiting.pk).update(beat_at=long_ago)
    assert client.get("/healthz/ready").json()["worker"] == "silent"
    with under_way():
        assert client.get("/healthz/ready").json()["worker"] == "at work", "hands are full of what is no job"
        Job.objects.filter(pk=waiting.pk).update(beat_at=timezone.now() - timedelta(hours=1))
        assert client.get("/healthz/ready").json()["worker"] == "silent", "no task takes that long"
    Job.objects.filter(pk=waiting.pk).update(beat_at=timezone.now())
    assert client.get("/healthz/ready").json()["worker"] == "at work"
    Job.objects.filter(pk=waiting.pk).update(state="running", beat_at=long_ago - timedelta(seconds=60))
    assert client.get("/healthz/ready").json()["worker"] == "silent"
    JobFactory(started_by=rep, state="running", beat_at=timezone.now())
    assert client.get("/healthz/ready").json()["worker"] == "at work"


def test_ready_tells_of_a_sweep_that_is_late_and_not_of_one_at_work(client, rep, in_workspace):
    last_looked(seconds_ago=31)
    deal = deal_create(actor=rep, name="Harbour Mills", opened_at=timezone.now(), owner=rep)
    waiting, long_ago = Alignment.objects.filter(deal=deal), timezone.now() - timedelta(seconds=61)
    waiting.update(inputs_version=2, scored_version=1, attempts=0, stale_since=long_ago, leased_until=None)
    response = client.get("/healthz/ready")
    assert (response.status_code, response.json()["sweep"]) == (200, "late")
    last_looked(seconds_ago=29)
    assert client.get("/healthz/ready").json()["sweep"] == "in time"
    last_looked(seconds_ago=31)
    waiting.update(attempts=5)
    assert client.get("/healthz/ready").json()["sweep"] == "silent", "nothing is late, and nobody looks"


def test_live_needs_no_database(client):
    assert client.get("/healthz/live").status_code == 200


def test_not_ready_without_a_database(client, db, monkeypatch):
    def gone(*_):
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr("salesflow.health.sweep", gone)
        response = client.get("/healthz/ready")
    assert (response.status_code, response.json()["status"]) == (503, "not ready")
