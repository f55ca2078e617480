"""The engine under real faults: processes killed with work in their hands. Nothing is lost, nothing is wrong."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from deals import services
from deals.models import Alignment, Deal, StageEvent, Stretch
from deals.selectors.verification import differing_scores
from deals.tasks import adopt_version
from jobs.models import Job
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
# A worker that moves deals to a version, four at a time, and never ends with the third four.
MOVING = """
import itertools, time, django
django.setup()
from deals import tasks
from deals.services import stretches
measure, turn = stretches.measure_batch, itertools.count(1)
def third_hangs(batch):
    if next(turn) == 3:
        print("the third", flush=True)
        time.sleep(600)
    return measure(batch)
stretches.measure_batch, stretches.DEALS_A_STRETCH = third_hangs, 4
tasks.adopt_version(job_id={job})
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


def scores_counted():
    with connection.cursor() as cursor:
        cursor.execute("SELECT scored FROM deals_heartbeat")
        return cursor.fetchone()[0]


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


def test_bulk_job_of_a_killed_worker_goes_on_where_it_stood(version, rep, designer):
    scored_deals(rep, version, 12)
    services.alignments_recompute_stale()
    _, job = factory.second_version(version, designer)
    with start(MOVING.format(job=job.pk)) as worker:
        assert worker.stdout.readline() == "the third\n"
        worker.send_signal(signal.SIGKILL)
    stretches, scored = Stretch.objects.filter(job=job), scores_counted()
    first, second, third = stretches
    assert (third.done_at, third.moved) == (None, 4), "moved, and not scored yet"
    stretches.filter(done_at=None).update(leased_until=timezone.now() - timedelta(seconds=1))
    Job.objects.filter(pk=job.pk).update(beat_at=timezone.now() - timedelta(seconds=61))
    adopt_version(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("done", 2, {"moved": 12, "failed": 0})
    assert [(row.done_at, row.attempts) for row in stretches][:2] == [(first.done_at, 1), (second.done_at, 1)]
    assert scores_counted() - scored == 4, "what was done is not done again"
    assert StageEvent.objects.filter(note="Moved to version 2").count() == 12
    assert_all_right()


def test_oracle_command_leaves_nothing_stale_and_no_publication_waiting(version, rep, designer):
    scored_deals(rep, version, 4)
    second, job = factory.second_version(version, designer)
    command = [sys.executable, "manage.py", "recompute", "--until-clean"]
    done = subprocess.run(command, cwd=PROJECT, env=environment(), capture_output=True, text=True, check=True)
    assert "Scored 4 deals.\nBrought 1 job of many deals to an end." in done.stdout
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"moved": 4, "failed": 0})
    assert set(Deal.objects.values_list("version_id", flat=True)) == {second.pk}
    assert_all_right()
