"""The engine under real faults: processes killed with work in their hands. Nothing is lost, nothing is wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from deals import services
from deals.models import Alignment
from deals.selectors.verification import differing_scores
from tests.factories import deals as factory

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_workspace")]
PROJECT = Path(__file__).resolve().parents[2]
# A worker that says when it holds a batch, then never ends.
HANGING = """
import time, django
django.setup()
from deals.services import alignment
def hang(ids):
    print(len(ids), flush=True)
    time.sleep(600)
alignment.measure = hang
alignment.alignments_recompute_stale(limit={limit})
"""


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def environment():
    """Point a child process at this test's database."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "salesflow.settings", "SALESFLOW_ENV": "test"}


def start(program):
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, env=environment(), stdout=subprocess.PIPE, text=True
    )


def expire_leases():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_alignment SET leased_until = now() - interval '1 s' WHERE leased_until > now()")


def assert_all_right():
    """Hold every stored score against the oracle's, bit for bit."""
    assert all(row.scored_version == row.inputs_version for row in Alignment.objects.all())
    assert [deal for deals in differing_scores() for deal in deals] == []


def scored_deals(rep, version, count):
    deals = [factory.deal(rep, version, name=f"Deal {n}", stage=factory.stage(version, 2)) for n in range(count)]
    for deal in deals:
        services.deal_log_signal(deal=deal, activity=factory.activity(version, "c"), word="observed", actor=rep)
    return deals


def test_killed_workers_batches_are_taken_up_again(version, rep):
    deals = scored_deals(rep, version, 12)
    for _ in range(2):
        with start(HANGING.format(limit=5)) as worker:
            assert int(worker.stdout.readline()) > 0
            worker.send_signal(signal.SIGKILL)
        expire_leases()
    services.deal_log_signal(deal=deals[0], activity=factory.activity(version, "e"), word="confirmed", actor=rep)
    assert services.alignments_recompute_stale() == 12
    assert_all_right()


def test_oracle_command_leaves_nothing_stale(version, rep):
    scored_deals(rep, version, 4)
    command = [sys.executable, "manage.py", "recompute", "--until-clean"]
    done = subprocess.run(command, cwd=PROJECT, env=environment(), capture_output=True, text=True, check=True)
    assert "Scored 4 deals." in done.stdout
    assert_all_right()
