"""`script/server`: the whole stack in the foreground, at one address, until Ctrl-C."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from .bootstrap import Stamps
from .children import Child, Guard, Stop, Stopped, describe
from .postgres import OWNER, Postgres
from .programs import Surroundings, Web, beat, migrations_mark, prepare, sweep, worker
from .runtime import (
    PROJECT,
    Lock,
    Record,
    StackError,
    environment_of_programs,
    listen,
    make_runtime_folder,
    remove_tree,
    say,
    secret_key,
)
from .valkey import Valkey

PARTS = ("postgres", "valkey", "demo", "web", "worker", "beat")
TICK_SECONDS = 0.25
PATIENCE_TOLD_SECONDS = 5.0
CHECK_SECONDS = 5.0
CHECK_PATIENCE_SECONDS = 30.0
"""A worker has this long after its start before what the web server says of it counts."""
SILENT = {"silent", "late"}
SILENT_PATIENCE_SECONDS = 3.0
"""One that says nothing is not waited for as long as one that finishes its work."""


@dataclass
class Supervisor:
    """Starts what is not there yet, keeps it running, stops it in reverse."""

    data: Path
    parts: tuple[str, ...]
    wanted_port: int | None
    stop: Stop
    environment: dict[str, str] = field(default_factory=environment_of_programs)
    children: list[Child] = field(default_factory=list)
    web: Web | None = None
    workers: dict[str, Child] = field(default_factory=dict)
    checked_at: float = 0.0
    well_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record = Record(self.data)
        self.environment.setdefault("SALESFLOW_ENV", "development")

    def run(self) -> None:
        with ExitStack() as at_the_end:
            held = Lock(self.data / "children.lock")
            if not held.take():
                say("An earlier run in this folder is still stopping; waiting for it")
                if not held.take(wait=30):
                    raise StackError("Programs of an earlier run in this folder do not stop. End them, then try again.")
            at_the_end.callback(held.release)
            self.record.forget_runtime()
            self.record.write(pid=os.getpid(), address=None, parts=list(self.parts))
            at_the_end.callback(self.record.write, pid=None, address=None, runtime=None, environment=None)
            self.runtime = make_runtime_folder(self.data)
            self.record.write(runtime=str(self.runtime))
            at_the_end.callback(remove_tree, self.runtime)
            self.guard = Guard(self.runtime, lock=held.handle)
            at_the_end.callback(self.guard.close)
            at_the_end.callback(self._end)
            self._start()
            self._watch()

    # --- starting ---

    def _start(self) -> None:
        self.environment.setdefault("SECRET_KEY", secret_key(self.data))
        if "web" in self.parts:
            before = self.record.read().get("port")
            self.listening = listen(wanted=self.wanted_port, before=before if isinstance(before, int) else None)
        postgres = self._start_postgres()
        self._start_valkey()
        self.record.write(environment={name: self.environment[name] for name in self._told()})
        surroundings = Surroundings(self.data, self.guard, self.environment)
        if any(part in self.parts for part in ("web", "worker", "beat")):
            self._prepare(surroundings, postgres)
        if "web" in self.parts:
            self._start_web(surroundings)
        if "worker" in self.parts:
            self.workers = {"sweep": self._keep(sweep(surroundings)), "worker": self._keep(worker(surroundings))}
        if "beat" in self.parts:
            self._keep(beat(surroundings))
        self._announce()

    def _told(self) -> list[str]:
        names = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SALESFLOW_ENV")
        return [name for name in names if name in self.environment]

    def _keep(self, child: Child) -> Child:
        self.stop.check()
        self.children.append(child)
        if not child.running:
            child.start()
        return child

    def _start_postgres(self) -> Postgres | None:
        if "postgres" not in self.parts or self.environment.get("DATABASE_URL"):
            return None
        postgres = Postgres(self.data, self.runtime, self.guard)
        self.children.append(postgres.child)
        postgres.start(self.stop)
        self.environment["DATABASE_URL"] = postgres.url()
        self.environment["MIGRATION_DATABASE_URL"] = postgres.url(OWNER)
        return postgres

    def _start_valkey(self) -> None:
        if "valkey" not in self.parts or self.environment.get("REDIS_URL"):
            return
        valkey = Valkey(self.data, self.runtime, self.guard)
        self.children.append(valkey.child)
        valkey.start(self.stop)
        self.environment["REDIS_URL"] = valkey.url

    def _prepare(self, surroundings: Surroundings, postgres: Postgres | None) -> None:
        """Migrate and load the demo; what a database of our own has had already is not done again."""
        stamps = Stamps(postgres.folder / "prepared.json") if postgres else None
        mark = migrations_mark()
        if stamps is None or stamps.get("migrated") != mark:
            say("Bringing the database up to date")
            self._finish(prepare(surroundings, "migrate"))
            if stamps:
                stamps.put(migrated=mark)
        if "demo" in self.parts and (stamps is None or not stamps.get("demo")):
            say("Loading the demo workspace")
            try:
                self._finish(prepare(surroundings, "demo", str(self.data / "sign-ins.txt")))
            except StackError as problem:  # without the demo everything else still works
                say(f"The demo workspace could not be loaded. {problem}")
            else:
                if stamps:
                    stamps.put(demo="loaded")

    def _finish(self, task: Child) -> None:
        """Wait for a program that ends by itself."""
        started = told = time.monotonic()
        task.start()
        try:
            while task.running:
                self.stop.check()
                time.sleep(0.05)
                if time.monotonic() - told > PATIENCE_TOLD_SECONDS:
                    told = time.monotonic()
                    say(f"  {task.last_words(1).strip() or 'still at it'} ({told - started:.0f} s)")
            code = task.process.returncode if task.process else 0
        finally:
            task.stop()
        if code:
            raise StackError(f"{task.name} failed ({describe(code)}):\n{task.last_words()}")

    def _start_web(self, surroundings: Surroundings) -> None:
        self.web = Web(surroundings, self.listening)
        self._keep(self.web.child)
        self.web.child.wait_until(self.web.answers, seconds=90, stop=self.stop)

    def _announce(self) -> None:
        if self.web is None:
            say(f"Ready: {', '.join(child.name for child in self.children) or 'nothing to start'}")
            return
        self.record.write(address=self.web.address, port=self.web.port)
        say(f"\nSalesFlow is ready: {self.web.address}\n")
        sign_ins = self.data / "sign-ins.txt"
        if sign_ins.exists():
            say(sign_ins.read_text().rstrip())
        say(f"Stop it with Ctrl-C. Its logs are in {self.data / 'log'}")

    # --- running ---

    def _watch(self) -> None:
        while not self.stop.asked:
            for child in self.children:
                child.tend()
            self.guard.check()
            self._check_workers()
            time.sleep(TICK_SECONDS)

    def _check_workers(self) -> None:
        """Start a worker anew that lives and does not work: readiness calls the sweep or the worker silent then."""
        now = time.monotonic()
        if self.web is None or not self.workers or now - self.checked_at < CHECK_SECONDS:
            return
        self.checked_at = now
        _, content = self.web.ask("/healthz/ready")
        for name, child in self.workers.items():
            if content.get(name) not in SILENT or now - child.started < CHECK_PATIENCE_SECONDS:
                self.well_at[name] = now
            elif now - self.well_at.get(name, now) >= CHECK_SECONDS:
                say(f"{child.name} runs but does not work; it is started anew.")
                child.stop(patience=SILENT_PATIENCE_SECONDS)
                child.start()
                self.well_at[name] = now

    # --- stopping ---

    def _end(self) -> None:
        if self.web is not None:
            say("\nStopping")
        servers = [child for child in self.children if child.as_server]
        programs = [child for child in self.children if not child.as_server]
        for child in reversed(programs):
            child.ask_to_stop()
        for child in [*reversed(programs), *reversed(servers)]:
            child.stop()


def _already_running(data: Path) -> str:
    record = Record(data).read()
    where = record.get("address") or "its address appears once it is ready"
    return f"SalesFlow already runs from this folder (process {record.get('pid')}): {where}"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/server", description="Run SalesFlow on this machine.")
    parser.add_argument(
        "--port", type=int, default=_port_of_environment(), help="the port (default: 8000 or a free one)"
    )
    parser.add_argument("--data", type=Path, default=PROJECT / ".data", help="the folder of all data (default: .data)")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    options = parser.parse_args(arguments)
    options.only = tuple(part for part in options.only.split(",") if part)
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"There is no part named {', '.join(sorted(unknown))}.")
    return options


def _port_of_environment() -> int | None:
    value = os.environ.get("PORT", "")
    return int(value) if value.isdigit() else None


def _guarded(work: Callable[[], None]) -> int:
    try:
        work()
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped:
        return 0
    return 0


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    stop = Stop()
    stop.listen()
    data: Path = options.data.resolve()
    lock = Lock(data / "lock")
    if not lock.take():
        print(_already_running(data), file=sys.stderr)
        return 1
    supervisor = Supervisor(data=data, parts=options.only, wanted_port=options.port, stop=stop)
    return _guarded(supervisor.run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
