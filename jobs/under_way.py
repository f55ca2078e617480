"""Tasks that are no jobs and have no row that beats, yet keep a worker's hands full for minutes, say so while they run.

A lock of their database session says it: it ends with the task, and with the process where that is killed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

TAKE = "SELECT pg_advisory_lock_shared(hashtext('salesflow task under way'))"
GIVE = "SELECT pg_advisory_unlock_shared(hashtext('salesflow task under way'))"
TAKEN = """
SELECT EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint << 32 | objid::bigint = hashtext('salesflow task under way')::bigint)
"""


@contextmanager
def under_way() -> Iterator[None]:
    """Let `tasks_under_way` know of what is done meanwhile; also a decorator."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE)
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute(GIVE)
        except DatabaseError:
            connection.close()  # and the lock with it


def tasks_under_way() -> bool:
    """Tell whether a worker anywhere is busy with such a task."""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN)
        return bool(cursor.fetchone()[0])
