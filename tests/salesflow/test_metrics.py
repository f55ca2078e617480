"""Figures for a Prometheus: true ones, and only for whoever has the token."""

import pytest
from django.db import connection

from deals.models import Alignment
from deals.services import alignments_recompute_stale
from tests.factories import deals as factory
from tests.factories.jobs import JobFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]
TOKEN = "a token of thirty letters and more"


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def figures(client):
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_figures_follow_the_sweep(client, rep, workspace, designer):
    version = factory.live_version(workspace, designer)
    before = figures(client)["salesflow_scores_total"]
    deals = [factory.deal(rep, version, name=f"Deal {n}") for n in range(3)]
    Alignment.objects.filter(deal=deals[2]).update(attempts=5)
    JobFactory(started_by=rep, state="running")
    found = figures(client)
    assert (found["salesflow_stale_scores"], found["salesflow_quarantined_scores"]) == (2, 1)
    assert found["salesflow_urgent_scores"] == 2
    assert found['salesflow_jobs{state="running"}'] == 1
    assert alignments_recompute_stale() == 2
    found = figures(client)
    assert (found["salesflow_stale_scores"], found["salesflow_oldest_stale_score_seconds"]) == (0, 0)
    assert found["salesflow_scores_total"] == before + 2
    assert found["salesflow_sweep_heartbeat_age_seconds"] < 60


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer another", TOKEN[:-1]])
def test_without_the_token_there_is_no_such_page(client, given):
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_without_a_token_set_nobody_gets_in(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_counter_is_one_row(client):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deals_heartbeat")
        assert cursor.fetchone() == (1,)
