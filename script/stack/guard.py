"""Ends every process group of the stack when the program that started them is gone, however it went.

Started by `children.Guard` with one pipe as its standard input: lines `add GROUP SIGNAL` and `remove GROUP`. The end
of the pipe, without a `done` before, means that the starter died. The folders named as arguments are removed then. It
keeps a lock until the last group is gone, so that the next start can wait for that.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

GENTLE_SECONDS = 3.0
"""After this long a group that does not stop by itself is killed: nothing may be left after five seconds."""


def _send(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _living(groups: list[int]) -> list[int]:
    """Give the groups that still have a process that is more than an entry waiting to be collected."""
    if os.uname().sysname != "Linux":
        return [group for group in groups if _send(group, 0)]
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, group = status.read_text(errors="replace").rpartition(") ")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if state not in "ZX":
            found.add(int(group))
    return [group for group in groups if group in found]


def end(groups: dict[int, int]) -> None:
    for group, number in groups.items():
        _send(group, number)
    until = time.monotonic() + GENTLE_SECONDS
    left = list(groups)
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = _living(left)
    for group in left:  # PostgreSQL's own children leave its group, and end with it on SIGQUIT
        _send(group, signal.SIGQUIT if groups[group] == signal.SIGINT else signal.SIGKILL)
    time.sleep(0.5 if left else 0)
    for group in left:
        _send(group, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "add":
            groups[int(numbers[0])] = int(numbers[1])
        elif command == "remove":
            groups.pop(int(numbers[0]), None)
        elif command == "done":
            return
    end(groups)
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
