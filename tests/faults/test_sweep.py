"""A real worker on spoilt deals (F18), on edits that race (F19, F20), and on a publication while a rep edits (F21)."""

import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models import F
from django.urls import reverse

from buying_process.services import version_copy
from core.jobs import publish
from deals import services
from deals.models import Alignment, Deal
from deals.selectors.verification import differing_scores
from jobs.models import Job
from tests.factories import deals as factory
from tests.faults.edits import soaking
from tests.faults.test_engine import PROJECT, environment
from tests.setup.conftest import family, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_workspace", "worker")]
HARMS = ("an exception", "a gigabyte", "no end", "os._exit")
HELD = 19
DEALS, MOVED, A_STRETCH, EDITS, FEW = 1000, 2000, 200, 40, 3
# Celery's worker for all that is rung, where a deal does harm by its name, or is held between measuring and storing.
WORKER = f"""
import os, sys, time
import django
django.setup()
from celery.signals import worker_ready
from django.db import connection
from deals.selectors import measures
from deals.services import alignment, stretches
from salesflow.celery import app
def measured(ids):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM deals_deal WHERE id = ANY(%s) AND name IN %s", [list(ids), {(*HARMS, "held")}])
        names = {{row[0] for row in cursor.fetchall()}}
    if "os._exit" in names:
        os._exit(9)
    while "no end" in names:
        time.sleep(0.1)
    if "a gigabyte" in names:
        bytearray(2**30)
    if "an exception" in names:
        raise ValueError("spoilt")
    found = measures.measure(ids)
    if "held" in names:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock({HELD}), pg_advisory_unlock({HELD})")
    return found
worker_ready.connect(lambda **_: print("ready", flush=True), weak=False)
alignment.measure = measured
stretches.DEALS_A_STRETCH = {A_STRETCH}
app.worker_main(["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"])
"""
AT_REST = """
SELECT COALESCE(bool_and(state = 'idle' AND state_change < now() - interval '0.5 s'), true) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
make_deals = runpy.run_path(str(PROJECT / "script" / "bench_deals.py"))["make_deals"]


@pytest.fixture(scope="module")
def worker(django_db_setup, django_db_blocker, tmp_path_factory):
    log = tmp_path_factory.mktemp("worker") / "log"
    with django_db_blocker.unblock(), log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=PROJECT, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: "\nready\n" in log.read_text(), seconds=60, what=log.read_text)
        yield process
    finally:
        process.terminate()
        assert process.wait(20) == 0, log.read_text()


@pytest.fixture(autouse=True)
def quiet(transactional_db):
    """Have the worker come to rest before the tables are emptied: it and that could wait for each other's locks."""
    yield
    with connection.cursor() as cursor:

        def at_rest():
            cursor.execute(AT_REST)
            return cursor.fetchone()[0]

        wait_for(at_rest, seconds=30, what="a worker at rest")


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def stale():
    return Alignment.objects.filter(scored_version__lt=F("inputs_version"))


def ring_until(condition, *, seconds):
    """Ring each second, as the scheduler does, until something holds; give how long that took."""
    began = rung = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, list(stale().values_list("deal", "error")[:5])
        if time.monotonic() - rung > 1:
            rung = time.monotonic()
            publish("deals.recompute_stale")
        time.sleep(0.1)
    return time.monotonic() - began


def log_signal(deal, name, actor):
    version = Deal.objects.select_related("version").get(pk=deal.pk).version
    services.deal_log_signal(deal=deal, activity=factory.activity(version, name), word="observed", actor=actor)


def is_fresh(deal):
    return not stale().filter(deal=deal).exists()


def is_clean():
    return not stale().exists()


def scores_counted():
    with connection.cursor() as cursor:
        cursor.execute("SELECT scored FROM deals_heartbeat")
        return cursor.fetchone()[0]


def assert_every_score_is_the_oracles():
    assert [deal for deals in differing_scores() for deal in deals] == []


@soaking
def test_f18_spoilt_deals_are_given_up_after_five_and_the_others_are_right(version, workspace, rep):
    make_deals(workspace, version, first=1, last=DEALS)
    spoilt = Deal.objects.order_by("pk")[:: DEALS // len(HARMS)]
    for deal, harm in zip(spoilt, HARMS, strict=True):
        Deal.objects.filter(pk=deal.pk).update(name=harm)
    rows = Alignment.objects.filter(deal__in=[deal.pk for deal in spoilt])
    ring_until(lambda: stale().count() == len(HARMS), seconds=60)
    assert_every_score_is_the_oracles()

    def given_up():
        waiting = rows.filter(attempts__lt=5).exclude(deal__name="no end", error="")
        waiting.update(leased_until=None)  # the pause after a failure and a dead worker's lease need not be waited for
        return not rows.filter(attempts__lt=5).exists()

    ring_until(given_up, seconds=60)
    errors = {row.deal.name: row.error for row in rows.select_related("deal")}
    assert errors["an exception"] == "ValueError: spoilt"
    assert "MemoryError" in errors["a gigabyte"]
    assert "OutOfTimeError" in errors["no end"]
    assert errors["os._exit"] == "", "a process that is gone leaves no words"
    time.sleep(1.5)
    assert set(rows.values_list("attempts", flat=True)) == {5}, "nobody touches them any more"
    Deal.objects.filter(name__in=HARMS).update(name="mended")
    for deal in spoilt:
        services.alignment_retry(deal=deal, actor=rep)
    ring_until(is_clean, seconds=10)
    assert_every_score_is_the_oracles()


@contextmanager
def held(process):
    """Have it and all that it started stand still meanwhile."""
    pids = [pid for pid, _ in family(process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_f19_an_edit_during_the_computation_wins(version, rep):
    deal = factory.deal(rep, version, name="held")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [HELD])
        log_signal(deal, "c", rep)
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_for(lambda: cursor.execute(waiting) or cursor.fetchone() == (1,), seconds=5, what="a computation")
        log_signal(deal, "e", rep)
        log_signal(deal, "f", rep)
        last = Alignment.objects.get(deal=deal).inputs_version
        cursor.execute("SELECT pg_advisory_unlock(%s)", [HELD])
    ring_until(lambda: is_fresh(deal), seconds=10)
    row = Alignment.objects.get(deal=deal)
    assert (row.inputs_version, row.scored_version) == (last, last)
    assert_every_score_is_the_oracles()


def test_f20_twenty_edits_a_second_to_one_deal_that_no_worker_comes_to_score_are_scored_together(version, rep, worker):
    deal = factory.deal(rep, version)
    ring_until(is_clean, seconds=5)
    time.sleep(0.5)
    before = scores_counted()
    with held(worker):
        for number in range(EDITS):
            log_signal(deal, "abcdef"[number % 6], rep)
            time.sleep(0.05)
    ring_until(is_clean, seconds=5)
    time.sleep(0.5)
    assert 1 <= scores_counted() - before <= FEW
    assert_every_score_is_the_oracles()


def test_f20_edits_that_race_with_their_own_scores_cost_no_more_than_one_each(version, rep):
    deal = factory.deal(rep, version)
    ring_until(is_clean, seconds=5)
    time.sleep(0.5)
    before = scores_counted()
    for number in range(EDITS // 2):
        log_signal(deal, "abcdef"[number % 6], rep)
        time.sleep(0.05)
    ring_until(is_clean, seconds=5)
    time.sleep(0.5)
    assert 1 <= scores_counted() - before <= EDITS // 2
    assert_every_score_is_the_oracles()


def test_f21_publication_answers_at_once_and_edits_come_first(version, workspace, rep, designer, client_of):
    make_deals(workspace, version, first=1, last=MOVED)
    mine = factory.deal(rep, version)
    copy, browser = version_copy(version=version, actor=designer), client_of(designer)
    ring_until(is_clean, seconds=60)
    address = reverse("buying_process:publish", args=[copy.process_id, copy.number])
    assert browser.get(address).status_code == 200, "whoever publishes was asked first"
    began = time.monotonic()
    answer = browser.post(address, {"move_deals": "on"})
    assert time.monotonic() - began < 0.5
    assert answer.status_code == 302
    job, shares, waits = Job.objects.get(kind="publish"), [], []
    while not job.is_over:
        log_signal(mine, "abcdef"[len(waits) % 6], rep)
        waits.append(ring_until(lambda: is_fresh(mine), seconds=10))
        job.refresh_from_db()
        shares.append(job.percent or 0)
    assert max(waits) < 2
    assert shares == sorted(shares)
    assert (job.state, shares[-1], job.result) == ("done", 100, {"moved": MOVED + 1, "failed": 0})
    assert len(set(shares)) > 2, "it was seen to rise"
    assert is_clean()
    assert set(Deal.objects.values_list("version_id", flat=True)) == {copy.pk}
    assert_every_score_is_the_oracles()
