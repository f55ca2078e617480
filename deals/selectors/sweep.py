"""Whether the sweep that recomputes scores keeps up, over all workspaces."""

from django.db import connection

from deals.choices import MAX_ATTEMPTS

LATE_SECONDS = 60


def sweep_is_late() -> bool:
    """Tell whether a score waits for over a minute while nobody holds a batch; scores that were given up do not count.

    A long backlog that is being worked off is not late: its worker holds leases.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(min(stale_since) < now() - make_interval(secs => %s), false)"
            " AND NOT COALESCE(bool_or(leased_until > now()), false)"
            " FROM deals_alignment WHERE scored_version < inputs_version AND attempts < %s",
            [LATE_SECONDS, MAX_ATTEMPTS],
        )
        return bool(cursor.fetchone()[0])
