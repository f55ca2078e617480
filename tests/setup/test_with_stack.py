"""`script/with-stack`: a database and a broker for one command, and nothing of them afterwards."""

import os
import signal
import subprocess
import sys

import pytest

from tests.setup.conftest import family, living, wait_for

ASK = """
import os, psycopg2, redis
connection = psycopg2.connect(os.environ["DATABASE_URL"])
connection.autocommit = True
with connection.cursor() as cursor:
    cursor.execute("CREATE DATABASE test_of_a_test")
    cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
    print(*cursor.fetchone(), redis.Redis.from_url(os.environ["REDIS_URL"]).ping(), os.environ["SALESFLOW_ENV"])
raise SystemExit(7)
"""


def start(checkout, *command, **environment):
    return subprocess.Popen(
        [checkout.folder / "script" / "with-stack", *command],
        env=checkout.environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(checkout, *command, **environment):
    with start(checkout, *command, **environment) as process:
        output = process.communicate(timeout=60)[0]
    return process.returncode, output.strip()


def left(checkout):
    return [*(checkout.data / "tmp").iterdir(), *checkout.scratch.iterdir()]


def test_command_gets_servers_and_its_exit_code_comes_back(checkout):
    assert run(checkout, sys.executable, "-c", ASK) == (7, "salesflow False True test")
    assert left(checkout) == []


def test_command_that_does_not_exist(checkout):
    assert run(checkout, "no-such-program", PATH="/usr/bin:/bin") == (127, "no-such-program: No such file or directory")
    assert left(checkout) == []


def test_own_settings_stay(checkout):
    command = (sys.executable, "-c", "import os; print(os.environ['SALESFLOW_ENV'], os.environ['SECRET_KEY'])")
    assert run(checkout, *command, SALESFLOW_ENV="production", SECRET_KEY="mine") == (0, "production mine")


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_reaches_the_command(checkout, number, expected):
    with start(checkout, "sh", "-c", "echo up; exec sleep 60") as process:
        assert process.stdout.readline() == "up\n"
        processes = family(process.pid)
        process.send_signal(number)
        assert process.wait(20) == expected
    assert living(processes) == set()
    assert left(checkout) == []


@pytest.mark.faults
def test_killed_it_leaves_nothing(checkout):
    with start(checkout, "sh", "-c", "echo up; exec sleep 60") as process:
        assert process.stdout.readline() == "up\n"
        processes = family(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not living(processes), seconds=5, what="all processes gone")
    wait_for(lambda: not left(checkout), seconds=5, what="all folders gone")
