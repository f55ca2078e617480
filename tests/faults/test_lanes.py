"""Long work keeps no score waiting, and the logs of web and sweep tell of an edit by one request id."""

import re
import time

import psycopg2
from celery import Celery

from tests.setup.conftest import wait_for

HOLD = "LOCK TABLE accounts_idempotencykey IN ACCESS EXCLUSIVE MODE"
HELD = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts_idempotencykey'::regclass"
FRESH = "SELECT scored_version = inputs_version FROM deals_alignment WHERE deal_id = %s"
REQUEST = re.compile(r"request_id=(\S+)")


def test_two_tasks_that_do_not_end_keep_no_score_waiting(rig):
    holder = psycopg2.connect(rig.urls["MIGRATION_DATABASE_URL"])
    try:
        holder.cursor().execute(HOLD)
        queue = "redis+socket://" + rig.broker.url.removeprefix("unix://").replace("?db=", "?virtual_host=")
        with Celery(broker=queue, set_as_current=False) as bell:
            for _ in range(2):
                bell.send_task("accounts.purge_keys", queue="jobs")
        wait_for(lambda: rig.sql(HELD) == [(2,)], seconds=20, what="two tasks that wait")
        for _ in range(3):
            assert seconds_to_score(rig) < 2
        assert b'"sweep": "in time", "worker": "at work"' in rig.ask("GET", "/healthz/ready")[1]
    finally:
        holder.close()
    wait_for(lambda: rig.sql(HELD) == [(0,)], seconds=20, what="the end of both tasks")


def test_request_and_deal_lead_from_the_web_to_the_score(rig):
    def told_by_both():
        deal_id = log_signal(rig)[0]
        wait_for(lambda: rig.sql(FRESH, [deal_id])[0][0], seconds=10, what="a score")
        time.sleep(0.1)
        asked = lines_of(rig, "web", "request_finished", f"deal_id={deal_id} ")
        scored = lines_of(rig, "sweep", "scored ", f"deal_ids=[{deal_id}]")
        return request_ids(asked) & request_ids(scored)

    # the scheduler's bell, which no request rang, may come first: then the next edit shows it
    assert wait_for(told_by_both, seconds=20, what="a request id that both name")


def log_signal(rig):
    edits = rig.edits(seed=14)
    deal_id, activities = edits.editable[0]
    edits.log(deal_id, activities[0], f"f14-{time.time_ns()}-1")
    assert edits.taken
    return deal_id, edits.taken[0]


def seconds_to_score(rig):
    began = time.monotonic()
    deal_id, _ = log_signal(rig)
    wait_for(lambda: rig.sql(FRESH, [deal_id])[0][0], seconds=20, what="a score")
    return time.monotonic() - began


def lines_of(rig, program, *words):
    lines = (rig.checkout.data / "log" / f"{program}.log").read_text().splitlines()
    return [line for line in lines if all(word in line for word in words)]


def request_ids(lines):
    return {found[1] for line in lines if (found := REQUEST.search(line))}
