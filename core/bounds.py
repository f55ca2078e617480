"""Bounds on the time and memory of one step, for work on data that nobody has looked at.

A step that would never end, or would take all memory, fails by itself and leaves its process in working order.
"""

import resource
import signal
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATUS = Path("/proc/self/status")


class OutOfTimeError(Exception):
    """The step took longer than it may."""


@contextmanager
def bounded(*, seconds: float, megabytes: int) -> Iterator[None]:
    """Raise OutOfTimeError after so many seconds, MemoryError where more than so much is taken on top of what is.

    Both hold for a whole process, so they are set in its main thread alone, where workers run their tasks; memory is
    bounded where Linux counts it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _in_time(seconds), _in_memory(megabytes):
        yield


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    def end(_number: int, _frame: types.FrameType | None) -> None:
        raise OutOfTimeError(f"It did not end within {seconds:g} seconds.")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _in_memory(megabytes: int) -> Iterator[None]:
    taken = _taken()
    if taken is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = taken + megabytes * 2**20
    if soft != resource.RLIM_INFINITY:
        allowed = min(allowed, soft)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _taken() -> int | None:
    """Give the bytes of data that this process has, as the limit counts them."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), None)
