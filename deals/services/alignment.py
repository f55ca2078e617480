"""The engine behind every score. A stale row is the work order; nothing else has to be remembered.

A batch of stale rows is claimed with a lease (attempts counted and committed first), measured outside of any
transaction, and written by compare-and-set: a deal that changed meanwhile stays stale and is claimed again.
All moments are the database's, so a worker whose clock is wrong does no harm.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction

from accounts.models import Membership
from core import scope
from core.audit import record
from core.jobs import enqueue
from deals.choices import MAX_ATTEMPTS
from deals.models import Deal
from deals.selectors.measures import Measured, measure

log = structlog.get_logger(__name__)

BATCH = 200
LEASE_SECONDS = 20
SWEEP_SECONDS = 20.0
SILENT_HOURS = 20
DOORBELL = "deals.recompute_stale"

# Deals that failed before, or whose worker died, are taken one at a time, least tried first: neighbours do not suffer.
CLAIM = """
WITH due AS (
    SELECT deal_id FROM deals_alignment
    WHERE scored_version < inputs_version AND attempts < %(most)s AND (leased_until IS NULL OR leased_until < now())
        AND attempts {tried} 0 AND (%(version)s IS NULL OR deal_id IN (
            SELECT id FROM deals_deal WHERE version_id = %(version)s AND outcome = 'open'))
    ORDER BY {fewest_first}urgent DESC, stale_since, deal_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE deals_alignment AS row SET leased_until = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
FROM due WHERE row.deal_id = due.deal_id
RETURNING row.deal_id, row.inputs_version, row.attempts
"""
# Locked in the order of ids first, so that two writers of many rows never wait for each other in a circle.
LOCK = "SELECT 1 FROM deals_alignment WHERE deal_id = ANY(%s) ORDER BY deal_id FOR NO KEY UPDATE"
WRITE = """
WITH given AS (
    SELECT * FROM json_to_recordset(%s) AS given(
        deal_id bigint, claimed bigint, as_of timestamptz, fit_id bigint, score float8, reason text,
        "position" float8[], tomorrow float8[], likely_stage_id bigint, gap float8,
        component_position float8, component_evidence float8, component_people float8,
        component_information float8, component_effort float8,
        outlook float8[], moments_left float8, days_left float8, returns_seen int, returns_expected float8,
        entropy float8)
), before AS (
    SELECT deal_id, score, likely_stage_id, gap, as_of FROM deals_alignment WHERE deal_id IN (SELECT deal_id FROM given)
), written AS (
    UPDATE deals_alignment AS row SET
        scored_version = given.claimed, as_of = given.as_of, fit_id = given.fit_id, score = given.score,
        reason = given.reason, "position" = given.position, tomorrow = given.tomorrow,
        likely_stage_id = given.likely_stage_id, gap = given.gap, component_position = given.component_position,
        component_evidence = given.component_evidence, component_people = given.component_people,
        component_information = given.component_information, component_effort = given.component_effort,
        outlook = given.outlook, moments_left = given.moments_left, days_left = given.days_left,
        returns_seen = given.returns_seen, returns_expected = given.returns_expected, entropy = given.entropy,
        leased_until = NULL, error = '', attempts = 0,
        urgent = CASE WHEN row.inputs_version = given.claimed THEN false ELSE row.urgent END,
        stale_since = CASE WHEN row.inputs_version = given.claimed THEN NULL ELSE row.stale_since END
    FROM given WHERE row.deal_id = given.deal_id AND row.scored_version < given.claimed
    RETURNING row.deal_id, row.workspace_id, row.score, row.likely_stage_id, row.gap, row.as_of
), points AS (
    INSERT INTO deals_alignmentpoint AS point (workspace_id, deal_id, "on", score, gap, likely_stage_id)
    SELECT w.workspace_id, w.deal_id, (w.as_of AT TIME ZONE 'UTC')::date, w.score, w.gap, w.likely_stage_id
    FROM written w JOIN before b ON b.deal_id = w.deal_id
    WHERE (round(w.score::numeric, 1), w.likely_stage_id, round(w.gap::numeric, 2))
        IS DISTINCT FROM (round(b.score::numeric, 1), b.likely_stage_id, round(b.gap::numeric, 2))
    ON CONFLICT (deal_id, "on") DO UPDATE
        SET score = EXCLUDED.score, gap = EXCLUDED.gap, likely_stage_id = EXCLUDED.likely_stage_id
)
SELECT count(*) FROM written
"""
FAIL = """
UPDATE deals_alignment SET error = %s, leased_until = now() + make_interval(secs => %s)
WHERE deal_id = %s AND scored_version < %s
"""
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
    """Score stale deals until none can be claimed or the time is up; give how many were scored.

    Any number of workers may do this at once. `version_id` keeps to the open deals of one process version.
    """
    done, until = 0, time.monotonic() + seconds
    with scope.across_workspaces("scores fall due in every workspace"):
        while time.monotonic() < until:
            claims = _claim(limit=limit, version_id=version_id)
            if not claims:
                break
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
        cursor.execute(
            "UPDATE deals_alignment SET attempts = 0, error = '', leased_until = NULL, urgent = true, "
            "stale_since = now(), inputs_version = inputs_version + 1 WHERE deal_id = %s",
            [deal.pk],
        )
        record("deal.retry_score", deal, actor=actor)
        enqueue(DOORBELL)


def _claim(*, limit: int, version_id: int | None) -> list[Claim]:
    values = {"most": MAX_ATTEMPTS, "lease": LEASE_SECONDS, "version": version_id}
    with transaction.atomic(), connection.cursor() as cursor:
        for tried, fewest_first, most in (("=", "", limit), (">", "attempts, ", 1)):
            cursor.execute(CLAIM.format(tried=tried, fewest_first=fewest_first), values | {"limit": most})
            if claims := [Claim(*row) for row in cursor.fetchall()]:
                return claims
    return []


def _score(claims: Sequence[Claim]) -> int:
    """Measure and store; a batch that fails is tried deal by deal, so that one bad deal spoils nothing."""
    try:
        return _write(claims, measure([claim.deal_id for claim in claims]))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one deal must not stop the others
        if len(claims) == 1:
            _fail(claims[0], error)
            return 0
        log.warning("score_batch_failed", deals=len(claims), error=str(error))
    return sum(_score([claim]) for claim in claims)


def _write(claims: Sequence[Claim], measured: dict[int, Measured]) -> int:
    rows = [_row(claim, measured[claim.deal_id]) for claim in claims if claim.deal_id in measured]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [[claim.deal_id for claim in claims]])
        cursor.execute(WRITE, [json.dumps(rows, allow_nan=False)])
        return int(cursor.fetchone()[0])


def _row(claim: Claim, found: Measured) -> dict[str, Any]:
    parts = found.components
    return {
        "deal_id": claim.deal_id,
        "claimed": claim.inputs_version,
        "as_of": found.as_of.isoformat(),
        "fit_id": found.fit_id,
        "score": found.score,
        "reason": found.reason,
        "position": found.position,
        "tomorrow": found.tomorrow,
        "likely_stage_id": found.likely_stage_id,
        "gap": found.gap,
        "component_position": parts.position,
        "component_evidence": parts.evidence,
        "component_people": parts.people,
        "component_information": parts.information,
        "component_effort": parts.effort,
        "outlook": found.outlook,
        "moments_left": found.moments_left,
        "days_left": found.days_left,
        "returns_seen": found.returns_seen,
        "returns_expected": found.returns_expected,
        "entropy": found.entropy,
    }


def _fail(claim: Claim, error: Exception) -> None:
    """Store what went wrong and wait longer each time; the fifth failure is the last until somebody says *Retry*."""
    with transaction.atomic(), connection.cursor() as cursor:
        text = f"{type(error).__name__}: {error}"[:500]
        cursor.execute(FAIL, [text, 2.0**claim.attempt, claim.deal_id, claim.inputs_version])
    log.warning("score_failed", deal_id=claim.deal_id, attempt=claim.attempt, error=text)
