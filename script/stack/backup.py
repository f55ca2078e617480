"""`script/backup FILE` and `script/restore FILE --replace`: the whole database in one checked file."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]  # it carries no types

from .bootstrap import Stamps
from .postgres import installed_programs
from .runtime import PROJECT, Record, StackError, say

DATA = PROJECT / ".data"
CHUNK = 1 << 20
EMPTY = """
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
"""Tables that the saved program did not know yet must go too, or its later migrations would stumble over them."""


def _database() -> str:
    """Give the address of the database as its owner: the environment's, else that of the running stack."""
    told = Record(DATA).read().get("environment") or {}
    for source in (os.environ, told):
        for name in ("MIGRATION_DATABASE_URL", "DATABASE_URL"):
            if value := source.get(name):
                return str(value)
    raise StackError("No database runs: start script/server first, or set DATABASE_URL.")


def _program(name: str) -> str:
    """Give a program of PostgreSQL: the machine's own beside a server that somebody else runs, else ours.

    The machine's may be older than the server, which it could not read then.
    """
    if os.environ.get("DATABASE_URL") and (own := shutil.which(name)) and _release(own) >= _release_of_server():
        return own
    return str(installed_programs() / name)


def _release(program: str) -> int:
    """Give the 15 of "psql (PostgreSQL) 15.18 (Debian)"; 0 where it says none."""
    said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0


def _release_of_server() -> int:
    try:
        with closing(psycopg2.connect(_database())) as connection:
            return int(connection.server_version) // 10_000
    except psycopg2.OperationalError as problem:
        raise StackError(f"The database does not answer: {problem}") from None


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _checksum_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise StackError(f"{Path(command[0]).name} did not succeed; what it said stands above.")


def backup(path: Path) -> None:
    """Write the database to a file that nobody else can read, and its checksum beside it."""
    draft = path.with_name(path.name + ".part")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    try:
        _run([_program("pg_dump"), "--format=custom", "--no-owner", f"--file={draft}", f"--dbname={_database()}"])
        _checksum_file(path).write_text(f"{_checksum(draft)}  {path.name}\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    say(f"Saved: {path} ({path.stat().st_size / 1e6:.1f} MB) and its checksum beside it")


def restore(path: Path) -> None:
    """Put the database of a file in place of the present one, wholly or not at all."""
    try:
        expected = _checksum_file(path).read_text().split()[0]
    except (OSError, IndexError):
        raise StackError(f"The checksum of {path} is missing: {_checksum_file(path)}") from None
    if not path.is_file() or _checksum(path) != expected:
        raise StackError(f"{path} is not as it was saved: its checksum is another. Nothing was changed.")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        _run([_program("pg_restore"), "--no-owner", "--exit-on-error", f"--file={script}", str(path)])
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        _run([_program("psql"), *options, f"--dbname={_database()}", f"--command={EMPTY}", f"--file={script}"])
    Stamps(DATA / "postgres" / "prepared.json").drop("migrated")  # the file may be older than the present program
    say("Restored. Start script/server again: it brings the database up to date.")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/backup, script/restore")
    parser.add_argument("work", choices=("backup", "restore"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="restore: yes, the present data is replaced")
    options = parser.parse_args(arguments)
    if options.work == "restore" and not options.replace:
        parser.error("This replaces everything in the database. Say so: script/restore FILE --replace")
    work = {"backup": backup, "restore": restore}[options.work]
    try:
        work(options.file.resolve())
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
