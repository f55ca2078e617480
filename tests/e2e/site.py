"""The product as people meet it: a database of its own with the demo company, gunicorn, a worker and beat."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MIGRATED = "TESTS_BEGIN_WITH"  # the variable that names a database which is migrated and empty


@dataclass(frozen=True)
class Site:
    """Where it answers, the environment in which management commands reach its database, and its processes' ids."""

    url: str
    environment: dict[str, str]
    processes: dict[str, int] = field(default_factory=dict)

    def sql(self, statement: str, *values: object) -> list[tuple]:
        """Run a statement on its database and give the rows that it returns."""
        with closing(psycopg2.connect(self.environment["DATABASE_URL"])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str) -> str:
        """Run a management command on this site and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def browser_of(playwright: Any) -> Any:
    """Start the machine's browser, or the one that Playwright brought."""
    return playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM_PATH") or CHROMIUM, args=QUIET)


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def database(name: str):
    """Make a database beside the one of DATABASE_URL, give its URL, drop it at the end. It begins as MIGRATED says."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    with closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{os.environ.get(MIGRATED, "template1")}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            with admin.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def migrated_database():
    """Give the name of a database that is migrated and empty."""
    name = f"salesflow_migrated_{os.getpid()}"
    with database(name) as url:
        Site("", os.environ | {"DATABASE_URL": url}).manage("migrate", "-v0")
        yield name


def _wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web server ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} did not answer within {START_SECONDS} s")


@contextmanager
def running_site(name: str):
    """Give a running Site on a fresh database with the demo company."""
    with database(name) as url:
        environment = os.environ | {
            "DATABASE_URL": url,
            "SALESFLOW_ENV": "development",
            "BROKER_KEY_PREFIX": f"{name}:",
            "DJANGO_SETTINGS_MODULE": "salesflow.settings",
            "PYTHONWARNINGS": "ignore",
        }
        port = _free_port()
        site = Site(f"http://127.0.0.1:{port}", environment)
        site.manage("migrate", "-v0")
        site.manage("load_demo")
        celery = [sys.executable, "-m", "celery", "-A", "salesflow"]
        commands = {
            "web": [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4", "salesflow.wsgi"],
            "worker": [*celery, "worker", "-c", "1", "-l", "WARNING"],
            "beat": [*celery, "beat", "-l", "WARNING"],
        }
        processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for command in commands.values()]
        site.processes.update(zip(commands, (process.pid for process in processes), strict=True))
        try:
            _wait_for(f"{site.url}/healthz/live", processes[0])
            yield site
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def keep(file: Path) -> None:
    """Start a site, say in a file where it is, and keep it until stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running_site("salesflow_e2e_kept") as site:
        file.write_text(json.dumps(asdict(site)))
        print(site.url, flush=True)
        signal.pause()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
