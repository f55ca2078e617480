"""Checkouts of the stack's scripts in throw-away folders, and the processes that they start: real ones throughout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

PROJECT = Path(__file__).resolve().parents[2]
LINKED = ("manage.py", "requirements", "templates", "frontend")


def identity(pid):
    """Give a process's number with its start time: the number alone may come again."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else (pid, started)


def parent_of(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except (OSError, ValueError):
        return None


def family(pid):
    """Give a process and everything that descends from it."""
    parents = {int(entry.name): parent_of(entry.name) for entry in Path("/proc").glob("[0-9]*")}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {known for member in found if (known := identity(member))}


def living(processes):
    return {known for known in processes if identity(known[0]) == known}


def wait_for(condition, *, seconds, what):
    until = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < until, f"not after {seconds} s: {what() if callable(what) else what}"
        time.sleep(0.05)
    return result


class Run:
    """One supervisor and what it prints."""

    def __init__(self, checkout, process, log):
        self.checkout, self.process, self.log = checkout, process, log

    @property
    def output(self):
        return self.log.read_text()

    @property
    def record(self):
        return json.loads((self.checkout.data / "run.json").read_text())

    @property
    def urls(self):
        return self.record["environment"]

    def wait_until_ready(self, word="Ready", seconds=30):
        def ready():
            assert self.process.poll() is None, self.output
            return word in self.output

        wait_for(ready, seconds=seconds, what=lambda: f"{word}\n{self.output}")
        return self

    def family(self):
        return family(self.process.pid)

    def pid_of(self, program):
        for pid, _ in self.family():
            with suppress(FileNotFoundError):
                if Path(f"/proc/{pid}/exe").readlink().name == program and parent_of(pid) == self.process.pid:
                    return pid
        return None

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(30)

    def connect(self, name="DATABASE_URL"):
        connection = psycopg2.connect(self.urls[name])
        connection.autocommit = True
        return connection

    def sql(self, text, name="DATABASE_URL"):
        connection = self.connect(name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()


class Checkout:
    """A folder with the project's scripts, its own data, and the installed packages of the present one."""

    def __init__(self, folder, place):
        self.folder, self.place = folder, place
        shutil.copytree(PROJECT / "script", folder / "script", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        self.data = folder / ".data"
        self.home, self.scratch = place / "home", place / "t"
        for made in (self.home, self.scratch):
            made.mkdir(exist_ok=True)
        self.runs = []

    def hold_application(self):
        """Have the whole application here; only the scripts are copies."""
        for path in PROJECT.iterdir():
            if path.name in LINKED or (path / "__init__.py").exists():
                (self.folder / path.name).symlink_to(path)
        return self

    def copy_data(self, data):
        """Begin with a copy of another checkout's data, whoever owns its files."""
        subprocess.run(["cp", "-a", str(data), str(self.data)], check=True)
        return self

    def environment(self, **more):
        """Give a bare environment: no language, no runtime folder, an empty home."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.scratch),
            "PYTHONPATH": str(self.folder / "script"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **more,
        }

    def start(self, *options, python=sys.executable, before=(), **environment):
        log = self.place / f"{self.folder.name[:20]}-{len(self.runs)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*before, python, "-m", "stack.server", *(options or ("--only", "postgres,valkey"))],
                cwd=self.folder,
                env=self.environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.runs.append(Run(self, process, log))
        return self.runs[-1]

    def outside(self):
        """Give everything near the checkout that is not its data: what a run must leave as it was."""
        found = {path for top in (self.home, self.scratch) for path in top.rglob("*")}
        for top, folders, names in os.walk(self.folder):
            folders[:] = [name for name in folders if name not in {".data", ".venv"}]
            found |= {Path(top) / name for name in [*folders, *names]}
        return found

    def close(self):
        for run in self.runs:
            if run.process.poll() is None:
                run.process.send_signal(signal.SIGSTOP)  # or it starts anew the guard, which removes what we remove
                processes = run.family()
                for pid, _ in processes:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                run.process.wait()
                wait_for(lambda: not living(processes), seconds=10, what="all gone")  # noqa: B023 (used at once)


@contextmanager
def short_folder():
    """Give a short folder that every user may enter, as a home folder is; pytest's own is long and private."""
    folder = Path(tempfile.mkdtemp(prefix="sf-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def first_start():
    """Give the data that a first start leaves, with the demo in them."""
    with short_folder() as folder:
        first = Checkout(folder / "first", folder).hold_application()
        try:
            run = first.start("--only", "postgres,demo,beat").wait_until_ready(seconds=300)
            assert "could not be loaded" not in run.output
            assert run.stop() == 0
            yield first.data
        finally:
            first.close()


@pytest.fixture
def place():
    with short_folder() as folder:
        yield folder


@pytest.fixture
def make_checkout(place):
    made = []

    def make(name="checkout"):
        made.append(Checkout(place / name, place))
        return made[-1]

    yield make
    for checkout in made:
        checkout.close()


@pytest.fixture
def checkout(make_checkout):
    return make_checkout()
