"""The application's own programs: web, sweep, worker, beat, and what is done to the database before they start."""

import http.client
import json
import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .bootstrap import fingerprint
from .children import Child, Guard
from .runtime import PROJECT, project_python

WEB_WORKERS = 2
WEB_THREADS = 4
DROPPED_MIGRATIONS = {".venv", ".data", "node_modules", "build"}


@dataclass(frozen=True)
class Surroundings:
    """What every program of one run shares."""

    data: Path
    guard: Guard
    environment: Mapping[str, str]

    def child(
        self,
        name: str,
        command: list[str],
        *,
        log: str,
        handed: tuple[int, ...] = (),
        patience: float = 10.0,
        stop_with: signal.Signals = signal.SIGTERM,
    ) -> Child:
        return Child(
            name=name,
            command=[project_python(), *command],
            environment=self.environment,
            log=self.data / "log" / f"{log}.log",
            guard=self.guard,
            folder=PROJECT,
            handed=handed,
            patience=patience,
            stop_with=stop_with,
        )


@dataclass
class Web:
    """The web server on a listening socket that we hold: it stays open while the server starts anew."""

    surroundings: Surroundings
    listening: socket.socket
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        number = self.listening.fileno()
        command = ["-m", "gunicorn", "salesflow.wsgi:application", "--bind", f"fd://{number}", "--no-control-socket"]
        command += ["--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
        command += ["--timeout", "120", "--graceful-timeout", "5"]
        self.child = self.surroundings.child("The web server", command, log="web", handed=(number,))

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, *, seconds: float = 2.0) -> tuple[int, dict[str, object]]:
        """Give the status and the JSON of an address of our own web server; status 0 where it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"{}")
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}
        else:
            return answer.status, content if isinstance(content, dict) else {}
        finally:
            connection.close()

    def answers(self) -> bool:
        return self.ask("/healthz/live")[0] == http.client.OK


def sweep(surroundings: Surroundings) -> Child:
    """Give the worker that scores deals and does nothing else, so that no job keeps a score waiting."""
    command = _celery_worker("sweep", queue="sweep", at_once=1)
    return surroundings.child("The sweep", command, log="sweep", patience=18.0)


def worker(surroundings: Surroundings) -> Child:
    """Give the worker that does jobs, however long, and what is due each night."""
    command = _celery_worker("worker", queue="jobs", at_once=2)
    return surroundings.child("The worker", command, log="worker", patience=18.0)


def _celery_worker(name: str, *, queue: str, at_once: int) -> list[str]:
    command = ["-m", "celery", "-A", "salesflow", "worker", "--hostname", f"{name}@%h", "--queues", queue]
    return [*command, "--concurrency", str(at_once), "--without-gossip", "--without-mingle", "--loglevel", "INFO"]


def beat(surroundings: Surroundings) -> Child:
    command = ["-m", "celery", "-A", "salesflow", "beat", "--loglevel", "INFO", "--pidfile="]
    command += ["--scheduler", "salesflow.beat:Scheduler"]
    return surroundings.child("The scheduler", command, log="beat")


def prepare(surroundings: Surroundings, *steps: str) -> Child:
    """Give the program that migrates (`migrate`) or loads the demo workspace (`demo`)."""
    command = ["-m", "stack.prepare", *steps]
    task = surroundings.child("The database's preparation", command, log="prepare", stop_with=signal.SIGINT)
    task.environment = {**surroundings.environment, "PYTHONPATH": str(PROJECT / "script")}
    return task


def migrations_mark() -> str:
    """Give a fingerprint of all migrations, ours and our packages'."""
    files = []
    for top, folders, names in os.walk(PROJECT):
        if Path(top) == PROJECT:
            folders[:] = [name for name in folders if name not in DROPPED_MIGRATIONS]
        if Path(top).name == "migrations":
            files += [Path(top) / name for name in names if name.endswith(".py")]
    return fingerprint([*files, PROJECT / "requirements" / "base.txt"])
