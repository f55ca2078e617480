"""`script/with-stack COMMAND...`: run a command beside a throw-away PostgreSQL and Valkey."""

import os
import signal
import subprocess
import sys
import types
from pathlib import Path

from .children import Guard, Stop, Stopped, dies_with_parent
from .postgres import Postgres
from .runtime import (
    PROJECT,
    Record,
    StackError,
    environment_of_programs,
    make_runtime_folder,
    remove_tree,
    temporary_data,
)
from .valkey import Valkey

TEST_KEY = "a key for tests, which guard nothing that anybody could want"


def _environment(*, database: str, broker: str) -> dict[str, str]:
    environment = environment_of_programs()
    environment.setdefault("SECRET_KEY", TEST_KEY)
    environment.setdefault("SALESFLOW_ENV", "test")
    environment["DATABASE_URL"] = database
    environment["REDIS_URL"] = broker
    for ours_alone in ("MIGRATION_DATABASE_URL", "PYTHONPATH"):
        environment.pop(ours_alone, None)
    environment["PATH"] = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return environment


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command in our own process group, so that it has the terminal, and hand our signals on to it."""
    process: subprocess.Popen[bytes] | None = None

    def hand_on(number: int, _frame: types.FrameType | None) -> None:
        if process is not None and number != signal.SIGINT:  # a terminal's Ctrl-C reaches the whole group by itself
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hand_on)
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 (we have one thread)
        )
    except OSError as problem:
        print(f"{command[0]}: {problem.strerror}", file=sys.stderr)
        return 127
    code = process.wait()
    return code if code >= 0 else 128 - code


def _stack(data: Path, command: list[str], stop: Stop) -> int:
    runtime = make_runtime_folder(data)
    Record(data).write(runtime=str(runtime))
    guard = Guard(runtime, data)
    servers: list[Postgres | Valkey] = []
    try:
        postgres = Postgres(data, runtime, guard, throw_away=True)
        servers.append(postgres)
        postgres.start(stop)
        valkey = Valkey(data, runtime, guard, throw_away=True)
        servers.append(valkey)
        valkey.start(stop)
        stop.check()
        return _run(command, _environment(database=postgres.url(), broker=valkey.url))
    finally:
        stop.listen()  # a second signal does not interrupt the cleaning up
        for server in reversed(servers):
            server.stop()
        guard.close()
        remove_tree(runtime)


def main(command: list[str]) -> int:
    if not command:
        print("Usage: script/with-stack COMMAND...", file=sys.stderr)
        return 2
    stop = Stop()
    stop.listen()
    try:
        with temporary_data(PROJECT / ".data") as data:
            return _stack(data, command, stop)
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
