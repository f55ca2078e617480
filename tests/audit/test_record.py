"""The record: what is stored, who reads it, filters, export, and that nobody changes it."""

import csv
from io import StringIO

import pytest
from django.db import DatabaseError
from django.urls import reverse

from accounts.choices import Role
from accounts.services import team_create, team_set_manager, workspace_create
from audit.models import AuditEvent
from core import scope
from tests.factories.accounts import MembershipFactory

URL = "/settings/audit/"


def record(membership, **fields):
    values = {
        "workspace": membership.workspace,
        "actor": membership,
        "actor_label": str(membership),
        "verb": "team.create",
        "object_type": "accounts.team",
        "object_id": "1",
        "object_label": "North",
    }
    event = AuditEvent(**values | fields)
    event.save(force_insert=True)
    return event


def labels(response):
    return [event.object_label for event in response.context["events"]]


def test_the_requests_id_is_stored_with_what_it_did(admin, client_of):
    client_of(admin).post(
        reverse("accounts:teams"), {"name": "North", "manager": ""}, headers={"X-Request-ID": "request-of-north"}
    )
    with scope.in_workspace(admin.workspace_id):
        event = AuditEvent.objects.get(verb="team.create")
    assert (event.request_id, event.actor_id, event.object_label) == ("request-of-north", admin.pk, "North")


def test_events_stand_in_the_workspace_of_their_object(db):
    workspace = workspace_create(name="Acme", slug="acme")
    with scope.in_workspace(workspace.pk):
        assert AuditEvent.objects.get().workspace_id == workspace.pk


def test_the_database_refuses_changes_and_deletion(in_workspace, admin):
    event = record(admin)
    with pytest.raises(DatabaseError):
        AuditEvent.objects.filter(pk=event.pk).update(verb="nothing")


def test_the_database_refuses_deletion(in_workspace, admin):
    event = record(admin)
    with pytest.raises(DatabaseError):
        AuditEvent.objects.filter(pk=event.pk).delete()


def test_page_is_for_admins_of_the_workspace(admin, designer, client_of):
    record(admin)
    other = MembershipFactory(role=Role.ADMIN)
    assert labels(client_of(admin).get(URL)) == ["North"]
    assert labels(client_of(other).get(URL)) == []
    assert client_of(designer).get(URL).status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["South", "North"]),
        ({"query": "sou"}, ["South"]),
        ({"query": "salesfl-sou"}, ["South"]),
        ({"query": "outh"}, []),
        ({"query": "–"}, []),
        ({"verb": "team.rename"}, ["South"]),
        ({"object_type": "accounts.team"}, ["South", "North"]),
        ({"person": "SalesFlow"}, ["South"]),
        ({"since": "2099-01-01"}, []),
        ({"until": "2099-01-01"}, ["South", "North"]),
        ({"until": "2001-01-01"}, []),
        ({"since": "rubbish", "verb": "rubbish"}, ["South", "North"]),
    ],
)
def test_filters(query, expected, admin, client_of):
    record(admin)
    record(admin, verb="team.rename", object_label="South", actor=None, actor_label="SalesFlow")
    assert labels(client_of(admin).get(URL, query)) == expected


def test_pages_lead_to_each_other(admin, client_of, monkeypatch):
    monkeypatch.setattr("audit.views.A_PAGE", 2)
    for number in range(5):
        record(admin, object_label=str(number))
    client, page, seen = client_of(admin), client_of(admin).get(URL), []
    while page.context["older"]:
        seen.append(labels(page))
        page = client.get(URL + page.context["older"])
    assert [*seen, labels(page)] == [["4", "3"], ["2", "1"], ["0"]]
    back = client.get(URL + page.context["newer"])
    assert labels(back) == ["2", "1"]
    assert labels(client.get(URL + back.context["newer"])) == ["4", "3"]


@pytest.mark.parametrize("rows", [1, 3])
def test_page_in_the_same_number_of_queries(rows, admin, client_of, django_assert_num_queries):
    client = client_of(admin)
    for number in range(rows):
        record(admin, verb=f"team.{number}")
    client.get(URL)
    with django_assert_num_queries(8):  # four of the shell; three filters; events
        client.get(URL)


def test_export_holds_what_the_filter_leaves_and_no_formulas(admin, client_of):
    record(admin, object_label="=1+1")
    record(admin, verb="team.rename")
    response = client_of(admin).get(reverse("audit:export"), {"verb": "team.create"})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [(row["verb"], row["object_label"]) for row in rows] == [("team.create", "'=1+1")]


@pytest.mark.parametrize("query", ["before=²", "after=9" + "9" * 5000, "until=9999-12-31", "since=0001-01-01"])
def test_rubbish_in_the_address_breaks_nothing(query, admin, client_of):
    record(admin)
    assert labels(client_of(admin).get(f"{URL}?{query}")) == ["North"]


def test_export_holds_changes_as_json(admin, client_of):
    record(admin, changes={"role": ["rep", "manager"]})
    rows = list(csv.DictReader(StringIO(client_of(admin).get(f"{URL}export/").getvalue().decode("utf-8-sig"))))
    assert rows[0]["changes"] == '{"role": ["rep", "manager"]}'


def test_changes_are_kept_as_plain_values(in_workspace, admin, manager):
    team = team_create(name="North", manager=manager, actor=admin)
    team_set_manager(team=team, manager=None, actor=admin)
    event = AuditEvent.objects.first()
    assert event.changes == {"manager": ["Mona Manager (Manager)", None]}
