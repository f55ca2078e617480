"""The doorbell: after commit, a message asks a worker to look. The rows in PostgreSQL say what is due.

A message may be lost: beat rings again every second. So publishing never waits (0.2 s at most), never retries, never
raises, and after three failures is left alone for ten seconds.
"""

import threading
import time
from contextlib import suppress
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

PUBLISH_SECONDS = 0.2
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 10.0
FAILURES = (OperationalError, RedisError, OSError)


class Breaker:
    """Stops asking a dead broker: opens after `FAILURES_TO_OPEN` failures in a row, for `OPEN_SECONDS`."""

    def __init__(self) -> None:
        self.failures = 0
        self.open_until = 0.0

    def is_open(self) -> bool:
        """Tell whether publishing is off for now."""
        return time.monotonic() < self.open_until

    def succeeded(self) -> None:
        """Close the breaker."""
        self.failures = 0

    def failed(self) -> None:
        """Count a failure; open the breaker at the limit."""
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            self.open_until = time.monotonic() + OPEN_SECONDS
            self.failures = 0


breaker = Breaker()


class _Line(threading.local):
    """Each thread's own connection: kombu's must not be shared."""

    connection: Connection | None = None


_line = _Line()


def _connection() -> Connection:
    """Give this thread's publishing connection, with time-outs far below those that a worker may afford."""
    if _line.connection is None:
        options = current_app.conf.broker_transport_options | {
            "socket_timeout": PUBLISH_SECONDS,
            "socket_connect_timeout": PUBLISH_SECONDS,
            "max_retries": 0,
            "retry_on_timeout": False,
        }
        _line.connection = current_app.connection_for_write(transport_options=options)
    return _line.connection


def _hang_up() -> None:
    """Close a connection that failed; the next ring makes a new one."""
    connection, _line.connection = _line.connection, None
    if connection is not None:
        with suppress(*FAILURES):
            connection.release()  # type: ignore[no-untyped-call]


def enqueue(name: str, **ids: Any) -> None:
    """Ring for task `name` with these ids once the transaction has committed; never raises, never waits."""
    transaction.on_commit(lambda: publish(name, **ids))


def publish(name: str, **ids: Any) -> bool:
    """Send the message now. Gives whether the broker took it."""
    if breaker.is_open():
        return False
    told = {"request_id": structlog.contextvars.get_contextvars().get("request_id", "")}
    try:
        current_app.send_task(name, kwargs=ids, connection=_connection(), retry=False, expires=60, headers=told)
    except FAILURES as error:
        breaker.failed()
        _hang_up()
        log.warning("doorbell_failed", task=name, error=type(error).__name__)
        return False
    breaker.succeeded()
    return True
