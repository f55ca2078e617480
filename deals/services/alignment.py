"""The engine behind every score. A stale row is the work order; nothing else has to be remembered.

A batch of stale rows is claimed with a lease (attempts counted and committed first), measured outside of any
transaction, and written by compare-and-set: a deal that changed meanwhile stays stale and is claimed again.
All moments are the database's, so a worker whose clock is wrong does no harm.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from accounts.models import Membership
from core import scope
from core.audit import record
from core.bounds import bounded
from core.jobs import enqueue
from deals.choices import MAX_ATTEMPTS
from deals.models import Deal
from deals.selectors.measures import measure
from deals.services.score_rows import count_scores, write_measured
from deals.services.stretches import LEASE_SECONDS, LONGEST_LEASE_SECONDS, stretch_work, stretches_pending

log = structlog.get_logger(__name__)

BATCH = 200
SWEEP_SECONDS = 8.0
URGENT_SECONDS = 2.0
MEASURE_SECONDS = 5.0  # of a batch, and of one deal: well within the lease, which is renewed between two parts
PART_SECONDS = 1.0
PARTS = 4  # that a batch is cut into which fails
MEASURE_MEGABYTES = 512
DEALS_NAMED = 20  # in a line of the log
SILENT_HOURS = 20
DOORBELL = "deals.recompute_stale"

# Three turns: what a person waits for; deals that failed before, or whose worker died, one at a time and least tried
# first, so that neighbours do not suffer; and the rest, the oldest first.
CLAIM = """
WITH due AS (
    SELECT deal_id FROM deals_alignment
    WHERE scored_version < inputs_version AND attempts < %(most)s AND (
            leased_until IS NULL OR leased_until NOT BETWEEN now() AND now() + make_interval(secs => %(longest)s))
        AND {turn} AND (%(version)s IS NULL OR deal_id IN (
            SELECT id FROM deals_deal WHERE version_id = %(version)s AND outcome = 'open'))
    ORDER BY {order} LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE deals_alignment AS row SET leased_until = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
FROM due WHERE row.deal_id = due.deal_id
RETURNING row.deal_id, row.inputs_version, row.attempts
"""
URGENT = ("urgent AND attempts = 0", "urgent DESC, stale_since, deal_id", BATCH)
TRIED = ("attempts > 0", "attempts, urgent DESC, stale_since, deal_id", 1)
REST = ("NOT urgent AND attempts = 0", "urgent DESC, stale_since, deal_id", BATCH)
# Only what is still this worker's: an edit, or another worker after the lease, takes a deal out of its hands.
RENEW = """
UPDATE deals_alignment SET leased_until = now() + make_interval(secs => %(lease)s)
WHERE deal_id IN (
    SELECT row.deal_id FROM deals_alignment AS row
    JOIN unnest(%(deals)s::bigint[], %(attempts)s::int[]) AS held (deal_id, attempt) USING (deal_id)
    WHERE row.attempts = held.attempt AND row.scored_version < row.inputs_version
    ORDER BY row.deal_id FOR NO KEY UPDATE OF row)
RETURNING deal_id
"""
# Not where it was claimed anew meanwhile, or somebody said *Retry*: that attempt is not the one that failed.
FAIL = """
UPDATE deals_alignment SET error = %s, leased_until = now() + make_interval(secs => %s)
WHERE deal_id = %s AND scored_version < %s AND attempts = %s
"""
AGAIN = """
UPDATE deals_alignment SET attempts = 0, error = '', leased_until = NULL, urgent = %(urgent)s, stale_since = now(),
    inputs_version = inputs_version + 1
WHERE deal_id IN (
    SELECT deal_id FROM deals_alignment WHERE deal_id = ANY(%(deals)s) AND attempts >= %(least)s
    ORDER BY deal_id FOR NO KEY UPDATE)
"""
BEAT = "UPDATE deals_heartbeat SET beat_at = now() WHERE beat_at NOT BETWEEN now() - interval '1 second' AND now()"
SILENCE = """
UPDATE deals_alignment SET inputs_version = inputs_version + 1, stale_since = now()
WHERE deal_id IN (
    SELECT a.deal_id FROM deals_alignment a JOIN deals_deal d ON d.id = a.deal_id
    WHERE d.outcome = 'open' AND a.scored_version = a.inputs_version
        AND a.as_of < now() - make_interval(hours => %s)
    ORDER BY a.deal_id FOR NO KEY UPDATE OF a SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stale row that this worker holds for the length of its lease."""

    deal_id: int
    inputs_version: int
    attempt: int


def alignments_recompute_stale(
    *, limit: int = BATCH, seconds: float = SWEEP_SECONDS, version_id: int | None = None
) -> int:
    """Score stale deals until none can be claimed or the time is up; give how many were scored one batch at a time.

    Any number of workers may do this at once; all help with the stretches of jobs, which score what nobody waits for.
    `version_id` keeps to the open deals of one process version.
    """
    done, until = 0, time.monotonic() + seconds
    with scope.across_workspaces("scores fall due in every workspace"):
        while time.monotonic() < until:
            _beat()
            if claims := _claim((URGENT, TRIED), limit=limit, version_id=version_id):
                done += _score(claims)
            elif stretch_work():
                continue
            elif not stretches_pending() and (claims := _claim((REST,), limit=limit, version_id=version_id)):
                done += _score(claims)
            else:
                break
    return done


def alignments_recompute_urgent() -> int:
    """Score what people wait for, and nothing else: between two steps of longer work."""
    done, until = 0, time.monotonic() + URGENT_SECONDS
    with scope.across_workspaces("people's edits come first, whoever's"):
        while time.monotonic() < until and (claims := _claim((URGENT,), limit=BATCH, version_id=None)):
            done += _score(claims)
    return done


def alignments_mark_silent() -> int:
    """Have open deals scored anew whose last score is over 20 hours old, for silence moves buyers too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SILENCE, [SILENT_HOURS])
        marked = int(cursor.rowcount)
        enqueue(DOORBELL)
    return marked


def alignment_retry(*, deal: Deal, actor: Membership) -> None:
    """Try again to score a deal that was given up after five failures."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AGAIN, {"deals": [deal.pk], "least": 0, "urgent": True})
        record("deal.retry_score", deal, actor=actor)
        enqueue(DOORBELL)


def alignments_retry(*, deals: Collection[int], actor: Membership) -> int:
    """Try again to score those of the deals that were given up, behind what people wait for; give how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AGAIN, {"deals": list(deals), "least": MAX_ATTEMPTS, "urgent": False})
        retried = int(cursor.rowcount)
        if retried:
            record("deal.retry_scores", actor.workspace, actor=actor, changes={"deals": [0, retried]})
            enqueue(DOORBELL)
    return retried


def _beat() -> None:
    """Say that a sweep looks, once a second at most."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT)


def _claim(turns: Sequence[tuple[str, str, int]], *, limit: int, version_id: int | None) -> list[Claim]:
    values = {
        "lease": LEASE_SECONDS,
        "longest": LONGEST_LEASE_SECONDS,
        "most": MAX_ATTEMPTS,
        "version": version_id,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for turn, order, most in turns:
            cursor.execute(CLAIM.format(turn=turn, order=order), values | {"limit": min(limit, most)})
            if claims := [Claim(*row) for row in cursor.fetchall()]:
                return claims
    return []


def _score(claims: Sequence[Claim]) -> int:
    """Measure and store; a batch that fails is tried in ever smaller parts, so that one bad deal spoils nothing."""
    done, parts, seconds = 0, [claims], MEASURE_SECONDS
    while parts:
        part, *rest = parts
        written = _score_at_once(part, seconds=seconds if len(part) > 1 else MEASURE_SECONDS)
        if written is None:
            size = -(-len(part) // PARTS)
            rest = [*(part[n : n + size] for n in range(0, len(part), size)), *rest]
        done, parts, seconds = done + (written or 0), _renewed(rest), PART_SECONDS
    return done


def _score_at_once(claims: Sequence[Claim], *, seconds: float) -> int | None:
    """Give how many were scored; None where it has to be tried in parts."""
    try:
        with bounded(seconds=seconds, megabytes=MEASURE_MEGABYTES):
            measured = measure([claim.deal_id for claim in claims])
        written = write_measured(claims, measured)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one deal must not stop the others
        if len(claims) == 1:
            _fail(claims[0], error)
            return 0
        log.warning("score_batch_failed", deals=len(claims), error=str(error))
        return None
    count_scores(written)
    log.info("scored", deals=written, deal_ids=[claim.deal_id for claim in claims[:DEALS_NAMED]])
    return written


def _renewed(parts: Sequence[Sequence[Claim]]) -> list[Sequence[Claim]]:
    """Beat and hold on to what is left of a batch; give it without what is no longer this worker's."""
    if not parts:
        return []
    _beat()
    claims = [claim for part in parts for claim in part]
    values: dict[str, Any] = {
        "lease": LEASE_SECONDS,
        "deals": [claim.deal_id for claim in claims],
        "attempts": [claim.attempt for claim in claims],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RENEW, values)
        held = {row[0] for row in cursor.fetchall()}
    kept = ([claim for claim in part if claim.deal_id in held] for part in parts)
    return [part for part in kept if part]


def _fail(claim: Claim, error: Exception) -> None:
    """Store what went wrong and wait longer each time; the fifth failure is the last until somebody says *Retry*."""
    with transaction.atomic(), connection.cursor() as cursor:
        text = f"{type(error).__name__}: {error}"[:500]
        cursor.execute(FAIL, [text, 2.0**claim.attempt, claim.deal_id, claim.inputs_version, claim.attempt])
    log.warning("score_failed", deal_id=claim.deal_id, attempt=claim.attempt, error=text)
