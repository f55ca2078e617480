"""Faults of the running stack (OPERATIONS F1 to F10, F13, F22, F25, F26): nothing lost, nothing wrong, back in time."""

import os
import re
import signal
import time

import psycopg2
import pytest

from tests.faults.broker import Broker
from tests.faults.edits import SOAK, soaking
from tests.faults.rig import Rig
from tests.setup.conftest import family, identity, living, wait_for

# A scheduler that looks finds everything due; one that still has something to write down writes that first.
ALL_IS_DUE = """
UPDATE django_celery_beat_periodictask SET last_run_at = now() - interval '2 days';
UPDATE django_celery_beat_periodictasks SET last_update = now()
"""
# What a worker that died before the database's clock was set back by an hour left behind.
HELD_AN_HOUR_AHEAD = """
UPDATE deals_alignment SET leased_until = now() + interval '1 hour 20 seconds', attempts = 1,
    stale_since = now() + interval '1 hour'
"""
OPEN = "deal_id IN (SELECT id FROM deals_deal WHERE outcome = 'open')"
RESCORED = "SELECT bool_and(state = 'done') FROM jobs_job WHERE kind = 'rescore'"


@soaking
def test_f1_pool_children_killed_five_times_with_a_batch_in_their_hands(rig):
    for round_ in range(5):
        for child in rig.catch_in_batch(part=round_, of=5):
            rig.end(child)
    rig.wait_until_clean(seconds=30)


@soaking
def test_f2_whole_worker_killed_with_a_batch_in_its_hands(rig):
    for pid in [*rig.catch_in_batch(), rig.worker()]:
        rig.end(pid)
    rig.wait_until_clean(seconds=35)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["f3_restarted", "f4_killed"])
def test_broker_goes_three_times(rig, number):
    worker = rig.worker()
    for _ in range(3):
        rig.broker.end(number)
        rig.broker.start()
        rig.wait_until_swept(seconds=15)
    rig.disturb()
    rig.wait_until_clean(seconds=15)
    assert rig.worker() == worker, "it found its way back without help"


def test_f5_broker_killed_and_its_data_deleted_while_people_edit(rig):
    with rig.edits(seed=5) as edits:
        edits.wait_for_more()
        rig.broker.end()
        rig.broker.empty()
        edits.wait_for_more()
        rig.broker.start()
        edits.wait_for_more()
    edits.assert_quick()
    rig.wait_until_clean(seconds=15)


def test_f6_broker_flaps_while_people_edit(rig):
    with rig.edits(seed=6) as edits:
        for _ in range(5):
            rig.broker.end()
            edits.wait_for_more(4)
            rig.broker.start()
            edits.wait_for_more(4)
        rig.sign_in()
    edits.assert_quick()
    rig.wait_until_clean(seconds=15)


@soaking
def test_f7_broker_hangs_while_people_edit_and_sign_in(rig):
    rig.broker.freeze()
    try:
        with rig.edits(seed=7) as edits:
            time.sleep(25 if SOAK else 12)
            rig.sign_in()
    finally:
        rig.broker.thaw()
    edits.assert_quick()
    rig.wait_until_clean(seconds=15)


@soaking
def test_f8_broker_that_never_was_up(make_checkout, first_data, place):
    rig = Rig(make_checkout().hold_application().copy_data(first_data), Broker(place), parts="postgres,web")
    with rig.edits(seed=8) as edits:
        edits.wait_for_more(20)
    edits.assert_quick()
    browser = rig.sign_in()
    rig.sql(
        "UPDATE deals_alignment SET stale_since = now() - interval '3 minutes' WHERE scored_version < inputs_version"
    )
    assert "Scores are delayed" in rig.see(browser, "/deals/delay/")
    assert "Scored" in rig.manage("recompute", "--until-clean")
    rig.wait_until_clean(seconds=0)
    assert "Scores are delayed" not in rig.see(browser, "/deals/delay/")
    rig.assert_nothing_lost()
    rig.close()


@soaking
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["f9_restarted", "f10_killed"])
def test_database_goes_while_people_edit(rig, number):
    programs = rig.programs()
    with rig.edits(seed=9) as edits:
        edits.wait_for_more()
        rig.end(rig.server("postgres"), number)
        wait_for(lambda: edits.refused, seconds=10, what="an edit that is not taken")
        wait_for(lambda: answers(rig), seconds=30, what="a database")
        edits.wait_for_more()
    assert {status for status, _ in edits.refused} <= {0, 503}, "nothing fails but for the database"
    rig.wait_until_clean(seconds=30)
    rig.wait_until_swept(seconds=15)
    assert rig.programs() == programs, "all found their way back"


def answers(rig):
    try:
        return rig.sql("SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


@soaking
def test_f13_worker_that_lives_and_does_not_sweep_is_started_anew(rig):
    worker = rig.worker()
    known = identity(worker)
    for pid in [worker, *rig.children_of_worker()]:
        os.kill(pid, signal.SIGSTOP)
    rig.disturb()
    if not SOAK:
        rig.sql("UPDATE deals_heartbeat SET beat_at = now() - interval '31 seconds'")  # as if that long had passed
    wait_for(lambda: identity(worker) != known, seconds=60, what="the end of the worker")
    rig.wait_until_clean(seconds=30)


def test_f22_broker_without_memory(rig):
    rig.broker.ask("config_set", "maxmemory", "1")
    try:
        with rig.edits(seed=22) as edits:
            edits.wait_for_more(20)
    finally:
        rig.broker.ask("config_set", "maxmemory", "256mb")
    edits.assert_quick()
    rig.wait_until_clean(seconds=20)


def test_f25_worker_asked_to_stop_in_a_batch_finishes_it(rig):
    children, worker = rig.catch_in_batch(), rig.worker()
    known, told = identity(worker), len(rig.run.output)
    os.kill(worker, signal.SIGTERM)
    for child in children:
        os.kill(child, signal.SIGCONT)
    wait_for(lambda: identity(worker) != known, seconds=20, what="its end")
    wait_for(lambda: "The sweep ended" in rig.run.output[told:], seconds=5, what="word of its end")
    assert "The sweep ended (exit code 0)" in rig.run.output[told:]
    rig.wait_until_clean(seconds=30)


@soaking
def test_f26_two_schedulers_ring_twice_and_nothing_happens_twice(rig):
    """Both find everything due at once: the morning's mails, silence that counts, and then stale scores."""
    hour = rig.sql("SELECT extract(hour FROM now() AT TIME ZONE 'UTC')::int")[0][0]
    behind = hour - 9 if hour < 22 else hour - 33  # hours from where it is nine in the morning
    rig.sql("UPDATE accounts_user SET time_zone = %s", [f"Etc/GMT{behind:+d}"])
    rig.sql(f"UPDATE deals_alignment SET as_of = now() - interval '21 hours' WHERE {OPEN}")
    names = ("deals.settle_alerts", "deals.send_digests", "deals.rescore_old")
    before = {name: rig.log("beat").count(f"({name})") for name in names}
    with rig.beside("beat", "--pidfile=") as second:
        wait_for(lambda: "(deals.recompute_stale)" in second.said(), seconds=40, what="the second scheduler")

        def both_rang():
            rig.sql(ALL_IS_DUE)
            time.sleep(3)
            return all(
                rig.log("beat").count(f"({name})") > before[name] and f"({name})" in second.said() for name in names
            )

        wait_for(both_rang, seconds=60, what="all rung twice")
        wait_for(lambda: rig.sql(RESCORED)[0][0], seconds=30, what="the end of the night's job")
        assert_each_scored_once(rig)
    assert rig.sql("SELECT state, attempts FROM jobs_job WHERE kind = 'rescore'") == [("done", 1)]
    mails = re.findall(r"^.*Subject: .* a look", rig.log("worker"), re.MULTILINE)
    assert rig.sql("SELECT count(*), count(DISTINCT membership_id) FROM deals_digest") == [(len(mails), len(mails))]
    assert mails


@soaking
def test_f17_clocks_that_are_wrong_and_set_back(rig):
    """A worker and a scheduler ten minutes ahead, both set back by an hour, then the database's clock too."""
    ours = {known for program in rig.programs()[1:] for known in family(program)}
    for pid, _ in ours:
        os.kill(pid, signal.SIGSTOP)
    options = ("--concurrency", "1", "--without-gossip", "--without-mingle", "--hostname", "ahead@%h")
    with (
        rig.beside("worker", *options, module="tests.faults.clocked") as worker,
        rig.beside("beat", "--pidfile=", module="tests.faults.clocked") as beat,
    ):
        rig.wait_until_swept(seconds=60)
        assert_each_scored_once(rig)
        clocked = [pid for process in (worker, beat) for pid, _ in family(process.pid)]
        for pid in clocked:
            os.kill(pid, signal.SIGUSR2)
        assert_each_scored_once(rig)
        for pid in clocked:
            os.kill(pid, signal.SIGSTOP)
        scored, due = rig.scored(), rig.disturb()
        rig.sql(HELD_AN_HOUR_AHEAD)
        rig.sql("UPDATE deals_heartbeat SET beat_at = now() + interval '1 hour'")
        for pid in clocked:
            os.kill(pid, signal.SIGCONT)
        rig.wait_until_clean(seconds=30)
        wait_for(lambda: rig.scored() >= scored + due, seconds=5, what="their count")
        assert rig.scored() == scored + due
        assert rig.sql("SELECT abs(extract(epoch FROM now() - beat_at)) < 60 FROM deals_heartbeat") == [(True,)]
    for pid, _ in living(ours):
        os.kill(pid, signal.SIGCONT)
    assert rig.sql(f"SELECT max(abs(extract(epoch FROM now() - as_of))) < 120 FROM deals_alignment WHERE {OPEN}")[0][0]


def assert_each_scored_once(rig):
    scored, due = rig.scored(), rig.disturb()
    rig.wait_until_clean(seconds=15)
    wait_for(lambda: rig.scored() >= scored + due, seconds=5, what="their count")
    assert rig.scored() == scored + due
