"""What the supervisor does about kills, crashes and leftovers."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.setup.conftest import identity, living, wait_for

pytestmark = pytest.mark.faults


def test_killed_supervisor_leaves_nothing_within_five_seconds(checkout):
    before = checkout.outside()
    run = checkout.start().wait_until_ready()
    run.sql("CREATE TABLE kept AS SELECT 42 AS number", name="MIGRATION_DATABASE_URL")
    processes = run.family()
    run.stop(signal.SIGKILL)
    wait_for(lambda: not living(processes), seconds=5, what="all processes gone")
    assert checkout.outside() == before
    again = checkout.start().wait_until_ready()
    assert again.sql("SELECT number FROM kept") == [(42,)]


def test_killed_supervisor_is_started_again_at_once(checkout):
    checkout.start().wait_until_ready().stop(signal.SIGKILL)
    assert checkout.start().wait_until_ready().sql("SELECT 1") == [(1,)]


def test_servers_end_with_the_supervisor_even_without_their_guard(checkout):
    run = checkout.start().wait_until_ready()
    processes = run.family()
    servers = {run.pid_of("postgres"), run.pid_of("valkey-server")}
    guards = [pid for pid, _ in processes if pid not in servers and b"guard.py" in command_of(pid)]
    assert len(guards) == 1
    os.kill(run.process.pid, signal.SIGSTOP)  # so that it cannot start another guard
    os.kill(guards[0], signal.SIGKILL)
    run.stop(signal.SIGKILL)
    wait_for(lambda: not living(processes), seconds=5, what="all processes gone")
    assert checkout.start().wait_until_ready().sql("SELECT 1") == [(1,)]


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_killed_guard_is_replaced(checkout):
    run = checkout.start().wait_until_ready()
    guard = next(pid for pid, _ in run.family() if b"guard.py" in command_of(pid))
    os.kill(guard, signal.SIGKILL)
    wait_for(lambda: any(b"guard.py" in command_of(pid) for pid, _ in run.family()), seconds=5, what="another guard")
    processes = run.family()
    run.stop(signal.SIGKILL)
    wait_for(lambda: not living(processes), seconds=5, what="all processes gone")


def test_supervisor_killed_while_it_starts_leaves_nothing(checkout):
    for moment in (0.1, 0.3, 0.6, 0.9):
        run = checkout.start()
        time.sleep(moment)
        processes = run.family()
        run.stop(signal.SIGKILL)
        wait_for(lambda: not living(processes), seconds=5, what="all processes gone")  # noqa: B023 (used at once)
    assert checkout.start().wait_until_ready().sql("SELECT 1") == [(1,)]


@pytest.mark.parametrize("program", ["postgres", "valkey-server"])
def test_killed_server_comes_back(checkout, program):
    run = checkout.start().wait_until_ready()
    killed = run.pid_of(program)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: run.pid_of(program) not in {None, killed}, seconds=15, what=f"another {program}")

    def both_answer():
        try:
            with redis.Redis.from_url(run.urls["REDIS_URL"]) as client:
                return run.sql("SELECT 1") == [(1,)] and client.ping()
        except (psycopg2.OperationalError, redis.ConnectionError):
            return False

    wait_for(both_answer, seconds=15, what="both servers answer")
    assert run.stop() == 0


def test_pid_file_of_a_stranger_is_removed_and_the_stranger_left_alone(checkout):
    run = checkout.start().wait_until_ready()
    folder = checkout.data / "postgres"
    content = (folder / "postmaster.pid").read_text().splitlines()
    run.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            (folder / "postmaster.pid").write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
            again = checkout.start().wait_until_ready()
            assert again.sql("SELECT 1") == [(1,)]
            assert identity(stranger.pid) is not None
        finally:
            stranger.kill()


def test_pid_file_with_garbage_does_not_stop_the_start(checkout):
    checkout.start().wait_until_ready().stop()
    (checkout.data / "postgres" / "postmaster.pid").write_text("")
    assert checkout.start().wait_until_ready().sql("SELECT 1") == [(1,)]
