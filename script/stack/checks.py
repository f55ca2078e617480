"""`script/test`: every check and every test; with arguments, pytest alone with those arguments."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

from .bootstrap import FRONTEND, install_chromium, npm
from .children import dies_with_parent
from .runtime import PROJECT, StackError, environment_of_programs, say

AT_ONCE = 2
TESTS_AT_ONCE = 3  # one more, since tests of faults mostly wait
LINES_SHOWN = 150
WITH_STACK = str(PROJECT / "script" / "with-stack")
PRODUCTION = {
    "SALESFLOW_ENV": "production",
    "SECRET_KEY": "0a-key-of-sixty-letters-that-only-the-check-of-settings-ever-sees-9Z",
    "ALLOWED_HOSTS": "sales.example.com",
}


def _draft() -> IO[str]:
    return tempfile.TemporaryFile("w+", errors="replace")


@dataclass
class Check:
    """One program whose exit code says whether all is well; its output is shown only where it is not."""

    title: str
    command: list[str]
    folder: str = str(PROJECT)
    environment: Mapping[str, str] = field(default_factory=dict)
    output: IO[str] = field(default_factory=_draft)
    process: subprocess.Popen[str] | None = None
    started: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env={**environment_of_programs(), "SALESFLOW_ENV": "test", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 (we start programs from one thread only)
        )

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def passed(self) -> bool:
        """Tell how it went, to the reader too."""
        well = self.process is not None and self.process.returncode == 0
        say(f"{'ok    ' if well else 'FAILED'} {self.title} ({time.monotonic() - self.started:.0f} s)")
        if not well:
            self.output.seek(0)
            lines = self.output.read().rstrip().splitlines()
            say("\n".join(lines[-LINES_SHOWN:]))
        self.output.close()
        return well


def program(name: str) -> str:
    return str(PROJECT / ".venv" / "bin" / name)


def all_checks() -> list[Check]:
    manage = [program("python"), "manage.py"]
    front, front_environment = npm()
    return [
        Check("types", [program("mypy"), "."]),
        Check("front end: types, style, contrast", [*front, "run", "check"], str(FRONTEND), front_environment),
        Check("style of Python", [program("ruff"), "check", "."]),
        Check("format of Python", [program("ruff"), "format", "--check", "."]),
        Check("who imports whom", [program("lint-imports")]),
        Check("templates: rules", [program("djlint"), "templates", "--lint", "--quiet"]),
        Check(
            "production settings",
            [WITH_STACK, *manage, "check", "--deploy", "--fail-level", "WARNING"],
            environment=PRODUCTION,
        ),
        Check(
            "static files",
            [*manage, "collectstatic", "--noinput", "--verbosity", "0"],
            environment=PRODUCTION,
        ),
        Check("migrations are complete", [WITH_STACK, *manage, "makemigrations", "--check", "--dry-run"]),
    ]


def run_checks(checks: list[Check]) -> list[str]:
    """Run them two at a time; give the titles of those that failed."""
    waiting, running, failed = list(checks), list[Check](), list[str]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(waiting.pop(0))
            running[-1].start()
        time.sleep(0.1)
        for check in [check for check in running if check.ended()]:
            running.remove(check)
            if not check.passed():
                failed.append(check.title)
    return failed


def run_tests(arguments: list[str], *, chromium: str | None) -> int:
    # Tests start hundreds of programs: compiled once, each is ready a second sooner.
    environment = {**environment_of_programs(), "PYTHONDONTWRITEBYTECODE": ""}
    if chromium:
        environment["CHROMIUM_PATH"] = chromium
    command = [WITH_STACK, program("python"), "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    try:
        chromium = install_chromium()
        if arguments:
            return run_tests(arguments, chromium=chromium)
        failed = run_checks(all_checks())
        # Tests of one group (tests/conftest.py) share a worker, one after the other: those that kill or measure things.
        say("Tests")
        code = run_tests(["-n", str(TESTS_AT_ONCE), "-q"], chromium=chromium)
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    if failed:
        print(f"These checks failed (see above): {', '.join(failed)}", file=sys.stderr)
    return code or int(bool(failed))


if __name__ == "__main__":
    os.chdir(PROJECT)
    sys.exit(main(sys.argv[1:]))
