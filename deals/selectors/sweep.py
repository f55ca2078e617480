"""Whether the sweep that recomputes scores keeps up, over all workspaces."""

from dataclasses import dataclass

from django.db import connection

from deals.choices import MAX_ATTEMPTS

LATE_SECONDS = 60
SILENT_SECONDS = 30

SWEEP = """
SELECT abs(EXTRACT(EPOCH FROM now() - beat.beat_at))::float8,
    stale.rows, stale.urgent, stale.oldest, stale.given_up, beat.scored, (
        SELECT count(*) FROM deals_stretch AS stretch JOIN jobs_job AS job ON job.id = stretch.job_id
        WHERE stretch.done_at IS NULL AND job.state = 'running')
FROM deals_heartbeat AS beat, (
    SELECT count(*) FILTER (WHERE attempts < %(most)s) AS rows,
        count(*) FILTER (WHERE attempts < %(most)s AND urgent) AS urgent,
        COALESCE(EXTRACT(EPOCH FROM now() - min(stale_since) FILTER (WHERE attempts < %(most)s)), 0)::float8 AS oldest,
        count(*) FILTER (WHERE attempts >= %(most)s) AS given_up
    FROM deals_alignment WHERE scored_version < inputs_version
) AS stale
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """How the sweep stands; ages are in seconds, by the database's clock. A beat of times to come is as far away."""

    heartbeat_age: float
    stale: int
    urgent: int
    oldest_age: float
    given_up: int
    scored: int
    stretches: int

    @property
    def is_late(self) -> bool:
        """Whether a score waits for over a minute while nobody looks."""
        return self.oldest_age > LATE_SECONDS and self.heartbeat_age > SILENT_SECONDS

    @property
    def state(self) -> str:
        """Say whether scores are in time, late, or not late yet although no worker has looked for half a minute."""
        if self.is_late:
            return "late"
        return "silent" if self.heartbeat_age > SILENT_SECONDS else "in time"


def sweep() -> Sweep:
    """Read how the sweep stands. O(stale rows)."""
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, {"most": MAX_ATTEMPTS})
        return Sweep(*cursor.fetchone())
