"""Names of time zones that both the programs and the database know."""

from functools import lru_cache
from zoneinfo import available_timezones

from django.db import connection


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Give the names; each knows some that the other lacks, and days of the history are counted in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(name for (name,) in cursor.fetchall()) & available_timezones()
