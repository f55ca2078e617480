"""Child processes that never outlive us: own process groups, a parent-death signal on Linux, a guard everywhere."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .runtime import LINUX, StackError, is_root, say, server_user

PR_SET_PDEATHSIG = 1
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30)
STEADY_SECONDS = 60.0
"""A child that ran for this long counts as well again: its next failure waits for the shortest time."""
LARGEST_LOG = 5_000_000


def dies_with_parent(number: int) -> Callable[[], None]:
    """Give what runs in the child before its program starts.

    The kernel clears the wish when a process changes its user, and `subprocess` changes it before this runs; a parent
    that died in between is seen by its number.
    """
    parent = os.getpid()
    library = ctypes.CDLL(None, use_errno=True) if LINUX else None

    def prepare() -> None:
        if library is not None:
            library.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


class Stopped(Exception):  # noqa: N818 (no error: somebody asked for it)
    """Somebody asked us to stop."""


class Stop:
    """Notes the signals that ask for an end; waiting loops look at it, so that no step is torn in the middle."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: types.FrameType | None) -> None:
        self.asked = True

    def check(self) -> None:
        if self.asked:
            raise Stopped


class Guard:
    """The small process that ends our children and removes our scratch folders when we are killed; see `guard.py`."""

    def __init__(self, *scratch: Path, lock: int | None = None) -> None:
        self._scratch = [str(folder) for folder in scratch]
        self._lock = lock
        self._groups: dict[int, int] = {}
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("guard.py")), *self._scratch],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd="/",
            pass_fds=() if self._lock is None else (self._lock,),
        )

    def _tell(self, line: str) -> None:
        stream = self._process.stdin
        if stream is None:
            raise StackError("The guard has no pipe.")
        try:
            stream.write(line + "\n")
            stream.flush()
        except BrokenPipeError:
            self.check()

    def check(self) -> None:
        """Start the guard anew if somebody killed it."""
        if self._process.poll() is not None:
            self._process = self._start()
            for group, number in self._groups.items():
                self._tell(f"add {group} {number}")

    def add(self, group: int, number: int) -> None:
        self._groups[group] = number
        self._tell(f"add {group} {number}")

    def remove(self, group: int) -> None:
        if self._groups.pop(group, None) is not None:
            self._tell(f"remove {group}")

    def close(self) -> None:
        self._tell("done")
        self._process.wait()


@dataclass
class Child:
    """One server or program of the stack.

    Parameters
    ----------
    stop_with
        The signal that asks it to stop (SIGINT is PostgreSQL's fast shutdown).
    patience
        Seconds until it gets `insist_with` after that (SIGQUIT is PostgreSQL's immediate shutdown), then is killed.
    as_server
        Whether it drops root's rights and runs as the database servers' user.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    guard: Guard
    folder: Path
    stop_with: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    insist_with: signal.Signals = signal.SIGKILL
    handed: tuple[int, ...] = ()
    as_server: bool = False
    before: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    failures: int = field(default=0, init=False)
    started: float = field(default=0.0, init=False)
    again_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        if self.before is not None:
            self.before()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.turn_log()
        with self.log.open("ab") as output:
            self.process = self._spawn(output)
        self.guard.add(self.process.pid, self.stop_with)
        self.started = time.monotonic()

    def _spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        drop = self.as_server and is_root()
        user, group = server_user() if drop else (None, None)
        return subprocess.Popen(
            list(self.command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(self.environment),
            cwd=self.folder,
            process_group=0,
            pass_fds=self.handed,
            user=user,
            group=group,
            extra_groups=[] if drop else None,
            umask=0o077 if self.as_server else -1,
            preexec_fn=dies_with_parent(self.stop_with),  # noqa: PLW1509 (we start children from one thread only)
        )

    def turn_log(self) -> None:
        """Keep one earlier log; the program goes on writing to the end of the emptied file."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 15) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def tend(self) -> None:
        """Start it again if it ended, later and later while it keeps ending."""
        if self.process is None:
            if time.monotonic() >= self.again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            self.turn_log()
            return
        self._forget()
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.failures = 0
        delay = BACKOFF_SECONDS[min(self.failures, len(BACKOFF_SECONDS) - 1)]
        self.failures += 1
        self.again_at = time.monotonic() + delay
        say(f"{self.name} ended ({describe(code)}); it starts again in {delay:g} s. Its log: {self.log}")

    def _forget(self) -> None:
        """Make sure that nothing of its group is left, then let the guard forget it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.guard.remove(self.process.pid)
        self.process = None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_with)

    def stop(self, *, patience: float | None = None) -> None:
        if self.process is None:
            return
        self.ask_to_stop()
        gentle = self.patience if patience is None else patience
        for seconds, number in ((gentle, self.insist_with), (3.0, signal.SIGKILL)):
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                say(f"{self.name} does not stop; it gets {number.name}.")
                self.process.send_signal(number)
            else:
                break
        self.process.wait()
        self._forget()

    def wait_until(self, answers: Callable[[], bool], *, seconds: float, stop: Stop | None = None) -> None:
        until = time.monotonic() + seconds
        while not answers():
            if stop is not None:
                stop.check()
            if not self.running:
                raise StackError(f"{self.name} ended while starting. Its log ({self.log}) says:\n{self.last_words()}")
            if time.monotonic() > until:
                raise StackError(
                    f"{self.name} does not answer after {seconds:g} s. Its log ({self.log}) says:\n{self.last_words()}"
                )
            time.sleep(0.03)


def describe(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
