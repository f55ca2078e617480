"""How running work says that it is alive and how far it is."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.choices import JobState
from jobs.models import Job

log = structlog.get_logger(__name__)
BEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.2

REPORT = """
UPDATE jobs_job
SET fruitless = CASE WHEN %s > done THEN 0 ELSE fruitless END, done = %s, message = COALESCE(%s, message),
    total = COALESCE(%s, total), beat_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE id = %s AND attempts = %s AND state = %s RETURNING cancel_requested
"""


class JobCancelled(Exception):  # noqa: N818  not an error: a person asked for it
    """The person who waits asked to stop."""


class JobTakenOver(Exception):  # noqa: N818  not an error of the work: it was thought dead
    """The job is this worker's no longer: it was paused, or taken over since nothing was heard of this one."""


class Progress:
    """What running work reports to: `progress.at(40, "Reading row 40")`. Raises JobCancelled when asked to stop.

    Reports are seen at once, also from inside a transaction of the work: they go over a connection of their own then.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._reported_at = float("-inf")
        self._aside: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._aside is not None:
            self._aside.close()
            self._aside = None

    def at(self, done: int, message: str = "", *, total: int | None = None) -> None:
        """Store how far the work is. Cheap to call in a loop: a bare number is stored five times a second at most."""
        now = time.monotonic()
        if not message and total is None and now - self._reported_at < PAUSE_SECONDS:
            return
        self._reported_at = now
        if total is not None:
            self.job.total = total
        values = (
            done,
            done,
            message[:300] or None,
            total,
            self.job.pk,
            self.job.attempts,
            str(JobState.RUNNING),
        )
        answer = None
        if connection.in_atomic_block:
            answer = self._report(self._own_connection(), values)
        if answer is None:
            # no transaction to step out of, or one that made the job itself: nobody else can see the row yet
            answer = self._report(connection, values)
        if answer is None:
            raise JobTakenOver
        if answer:
            raise JobCancelled

    def _own_connection(self) -> BaseDatabaseWrapper:
        if self._aside is None:
            self._aside = connections.create_connection(DEFAULT_DB_ALIAS)
        return self._aside

    @staticmethod
    def _report(over: Any, values: tuple[object, ...]) -> bool | None:
        """Give whether the job should stop, or None where the row is not this worker's."""
        with over.cursor() as cursor:
            cursor.execute(REPORT, values)
            row = cursor.fetchone()
        return None if row is None else bool(row[0])


@contextmanager
def heartbeat(job: Job) -> Iterator[None]:
    """Say every 15 seconds that the worker is alive, however long a step of its work takes.

    A worker that is killed falls silent; one that hangs is ended by Celery's time limits and falls silent then.
    """
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, over), name=f"heartbeat of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def _beat(job: Job, over: threading.Event) -> None:
    aside: BaseDatabaseWrapper | None = None
    while not over.wait(BEAT_SECONDS):
        try:
            aside = aside or connections.create_connection(DEFAULT_DB_ALIAS)
            with aside.cursor() as cursor:
                cursor.execute(
                    "UPDATE jobs_job SET beat_at = now() WHERE id = %s AND attempts = %s AND state = %s",
                    (job.pk, job.attempts, str(JobState.RUNNING)),
                )
        except DatabaseError:
            log.warning("heartbeat_missed", job_id=job.pk)
            aside = None
    if aside is not None:
        aside.close()
