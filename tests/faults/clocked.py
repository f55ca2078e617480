"""`python -m tests.faults.clocked ARGUMENTS`: Celery on a machine whose clock is ten minutes ahead of the database's.

Each of its processes sets its clock back by an hour on SIGUSR2.
"""

import signal
import sys
from datetime import UTC, datetime, timedelta

import time_machine


def main():
    clock = time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)).start()
    signal.signal(signal.SIGUSR2, lambda *_: clock.shift(timedelta(hours=-1)))
    from celery.__main__ import main as celery

    sys.argv = ["celery", *sys.argv[1:]]
    celery()


if __name__ == "__main__":
    main()
