"""Bulk recomputation: a job's deals are cut into stretches, and any number of workers take one after the other.

A stretch is claimed with a lease and measured outside of any transaction; its scores are stored in one transaction with
the mark that it is done. After a kill the next worker goes on where the last one stood, and no deal is done twice. A
stretch whose workers died twice is left to the sweep, which finds the deal that kills them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet, Sum

from buying_process.models import Version
from core import scope
from core.bounds import bounded
from deals.models import Deal, Stretch
from deals.selectors.batches import measure_batch
from deals.selectors.packed import Reach, covered, read_stretch
from deals.services.moving import deals_move
from deals.services.score_rows import count_scores, write_groups
from jobs.models import Job
from jobs.services import Progress

log = structlog.get_logger(__name__)
DEALS_A_STRETCH = 5000
LEASE_SECONDS = 20
# One that ends later is of a clock that was set back; transactions that began before its own see it end a little later.
LONGEST_LEASE_SECONDS = 60
PAUSE_SECONDS = 0.2
TRIES = 2
MEASURE_SECONDS = 15.0
MEASURE_MEGABYTES = 512

PLAN = """
INSERT INTO deals_stretch (workspace_id, job_id, version_id, moves, after, last, deals, moved, attempts)
SELECT %s, %s, %s, %s, COALESCE(lag(last) OVER (ORDER BY last), 0), last, deals, 0, 0 FROM (
    SELECT max(id) AS last, count(*) AS deals FROM (
        SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part FROM ({deals}) AS deal
    ) AS numbered GROUP BY part
) AS parts
"""
WAITING = "job.state = 'running' AND NOT job.cancel_requested AND stretch.done_at IS NULL"
CLAIM = """
WITH due AS (
    SELECT stretch.id FROM deals_stretch AS stretch JOIN jobs_job AS job ON job.id = stretch.job_id
    WHERE {waiting} AND (stretch.leased_until IS NULL
            OR stretch.leased_until NOT BETWEEN now() AND now() + make_interval(secs => %(longest)s))
        AND (%(job)s::bigint IS NULL OR job.id = %(job)s)
    ORDER BY stretch.id LIMIT 1 FOR UPDATE OF stretch SKIP LOCKED
)
UPDATE deals_stretch AS stretch SET leased_until = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
FROM due WHERE stretch.id = due.id
RETURNING stretch.id, stretch.job_id, stretch.workspace_id, stretch.after, stretch.last, stretch.version_id,
    stretch.moves, stretch.attempts
"""
PENDING = """
SELECT EXISTS (SELECT 1 FROM deals_stretch AS stretch JOIN jobs_job AS job ON job.id = stretch.job_id WHERE {waiting})
"""
# Done only by whoever holds the claim: a worker that was thought dead stores nothing.
DONE = """
UPDATE deals_stretch SET done_at = now(), leased_until = NULL
WHERE id = %s AND attempts = %s AND done_at IS NULL
"""
RELEASE = "UPDATE deals_stretch SET leased_until = NULL, attempts = attempts - 1 WHERE id = %s AND attempts = %s"
LEAVE_TO_SWEEP = """
UPDATE deals_alignment SET inputs_version = inputs_version + 1, stale_since = now() WHERE deal_id IN (
    SELECT row.deal_id FROM deals_alignment AS row JOIN deals_deal AS deal ON deal.id = row.deal_id
    WHERE {covered} AND row.scored_version = row.inputs_version ORDER BY row.deal_id FOR NO KEY UPDATE OF row)
"""


class ClaimLostError(Exception):
    """Another worker took the stretch, since this one held it for too long."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stretch that this worker holds."""

    id: int
    job_id: int
    workspace_id: int
    after: int
    last: int
    version_id: int | None
    moves: bool
    attempt: int

    @property
    def reach(self) -> Reach:
        """The deals that it is about."""
        return Reach(self.workspace_id, self.after, self.last, self.version_id)


def stretches_plan(*, job: Job, deals: QuerySet[Deal], version: Version | None = None, moves: bool = False) -> int:
    """Cut deals into stretches of the job; give how many deals there are."""
    query, values = deals.order_by().values("id").query.sql_with_params()
    own = [job.workspace_id, job.pk, version.pk if version else None, moves, DEALS_A_STRETCH]
    with transaction.atomic(), connection.cursor() as cursor:
        before = _total(job)
        cursor.execute(PLAN.format(deals=query), [*own, *values])
        return _total(job) - before


def stretches_work_off(*, job: Job, progress: Progress, doing: str, urgent: Callable[[], object]) -> None:
    """Do the job's stretches, beside all other workers, until none is left; `urgent` goes first between two of them.

    `doing` says what is being done, beside how far it is.
    """
    while True:
        done = _total(job, done_at__isnull=False)
        total = _total(job)
        progress.at(done, doing, total=total)
        if not Stretch.objects.filter(job=job, done_at__isnull=True).exists():
            return
        urgent()
        if not stretch_work(job_id=job.pk):
            time.sleep(PAUSE_SECONDS)  # the rest is in other workers' hands


def stretches_pending() -> bool:
    """Tell whether a running job has stretches left, whoever holds them."""
    with connection.cursor() as cursor:
        cursor.execute(PENDING.format(waiting=WAITING))
        return bool(cursor.fetchone()[0])


def stretch_work(*, job_id: int | None = None) -> bool:
    """Take the next stretch of the job, or of any, and do it; give whether there was one."""
    claim = _claim(job_id)
    if claim is None:
        return False
    with scope.in_workspace(claim.workspace_id):
        try:
            if claim.attempt > TRIES:
                _leave_to_sweep(claim)
            else:
                _do(claim)
        except ClaimLostError:
            log.warning("stretch_lost", job_id=claim.job_id, stretch=claim.id)
        except SoftTimeLimitExceeded:
            raise
        except OperationalError as error:
            # a row that somebody holds for long, or a database that went away: the stretch is taken again
            log.warning("stretch_interrupted", job_id=claim.job_id, stretch=claim.id, error=str(error))
            _release(claim)
        except Exception:
            log.exception("stretch_failed", job_id=claim.job_id, stretch=claim.id, after=claim.after, last=claim.last)
            _leave_to_sweep(claim)
    return True


def _claim(job_id: int | None) -> Claim | None:
    with transaction.atomic(), connection.cursor() as cursor:
        values = {"job": job_id, "lease": LEASE_SECONDS, "longest": LONGEST_LEASE_SECONDS}
        cursor.execute(CLAIM.format(waiting=WAITING), values)
        row = cursor.fetchone()
    return None if row is None else Claim(*row)


def _do(claim: Claim) -> None:
    if claim.moves and claim.version_id is not None:
        with transaction.atomic():
            moved = deals_move(version_id=claim.version_id, job_id=claim.job_id, after=claim.after, last=claim.last)
            Stretch.objects.filter(pk=claim.id).update(moved=F("moved") + moved)
    with bounded(seconds=MEASURE_SECONDS, megabytes=MEASURE_MEGABYTES):
        groups = list(read_stretch(claim.reach))
        found = [(group, None if group.batch is None else measure_batch(group.batch)) for group in groups]
    with transaction.atomic():
        written = write_groups(found) if found else 0
        _done(claim)
    deals = sum(group.deal_ids.size for group in groups)
    count_scores(written)
    log.info("stretch_done", job_id=claim.job_id, stretch=claim.id, deals=deals, written=written)


def _done(claim: Claim) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DONE, [claim.id, claim.attempt])
        if not cursor.rowcount:
            raise ClaimLostError


def _leave_to_sweep(claim: Claim) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LEAVE_TO_SWEEP.format(covered=covered(claim.reach)))
        _done(claim)


def _release(claim: Claim) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, [claim.id, claim.attempt])
    except OperationalError:
        log.warning("stretch_left_to_its_lease", stretch=claim.id)


def _total(job: Job, **which: bool) -> int:
    return Stretch.objects.filter(job=job, **which).aggregate(deals=Sum("deals"))["deals"] or 0
