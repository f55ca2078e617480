"""Storing scores: by compare-and-set, only what changed, and a point of the history where a person would see a change.

One statement stores them, whether a few come from a sweep (as JSON) or thousands from a stretch (by COPY).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from django.db import connection, transaction

from core.copying import Kind, rows_of, write_rows
from deals.choices import Reason
from deals.selectors.batches import REASONS, Found
from deals.selectors.measures import Measured
from deals.selectors.packed import Group
from deals.services.alerts import alerts_settle

FIELDS = """deal_id bigint, claimed bigint, as_of timestamptz, fit_id bigint, score float8, reason text,
    "position" float8[], tomorrow float8[], likely_stage_id bigint, gap float8,
    component_position float8, component_evidence float8, component_people float8,
    component_information float8, component_effort float8,
    outlook float8[], moments_left float8, days_left float8, returns_seen int, returns_expected float8,
    entropy float8"""
AS_JSON = "SELECT * FROM json_to_recordset(%s) AS given({fields})"
# Locked in the order of ids first, so that two writers of many rows never wait for each other in a circle.
LOCK = "SELECT 1 FROM deals_alignment WHERE deal_id = ANY(%s) ORDER BY deal_id FOR NO KEY UPDATE"
# A score of the same version is only replaced by a later one that differs: a recomputation of what is not stale.
WRITE = """
WITH given AS ({given}), written AS (
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
    FROM given JOIN deals_alignment AS before ON before.deal_id = given.deal_id
    WHERE row.deal_id = given.deal_id AND (
        row.scored_version < given.claimed
        OR row.scored_version = given.claimed AND row.as_of <= given.as_of AND (
            row.fit_id, row.score, row.reason, row.position, row.component_position, row.component_evidence,
            row.component_people, row.component_information, row.component_effort, row.outlook, row.returns_seen,
            row.gap
        ) IS DISTINCT FROM (
            given.fit_id, given.score, given.reason, given.position, given.component_position, given.component_evidence,
            given.component_people, given.component_information, given.component_effort, given.outlook,
            given.returns_seen, given.gap
        ))
    RETURNING row.deal_id, row.workspace_id, row.score, row.likely_stage_id, row.gap, row.as_of,
        (round(row.score * 10), row.likely_stage_id, round(row.gap * 100)) IS DISTINCT FROM
        (round(before.score * 10), before.likely_stage_id, round(before.gap * 100)) AS seen
), points AS (
    INSERT INTO deals_alignmentpoint AS point (workspace_id, deal_id, "on", score, gap, likely_stage_id)
    SELECT w.workspace_id, w.deal_id, (w.as_of AT TIME ZONE home.time_zone)::date, w.score, w.gap, w.likely_stage_id
    FROM written AS w JOIN accounts_workspace AS home ON home.id = w.workspace_id WHERE w.seen
    ON CONFLICT (deal_id, "on") DO UPDATE
        SET score = EXCLUDED.score, gap = EXCLUDED.gap, likely_stage_id = EXCLUDED.likely_stage_id
)
SELECT count(*) FROM written
"""

# What COPY brings: rows of one width, so nothing is NULL there. NaN and -1 stand for it.
COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("deal_id", "i8"),
    ("claimed", "i8"),
    ("as_of", "i8"),
    ("fit_id", "i8"),
    ("score", "f8"),
    ("reason", "i2"),
    ("position", "f8[]"),
    ("tomorrow", "f8[]"),
    ("likely_stage_id", "i8"),
    ("gap", "f8"),
    ("component_position", "f8"),
    ("component_evidence", "f8"),
    ("component_people", "f8"),
    ("component_information", "f8"),
    ("component_effort", "f8"),
    ("outlook_won", "f8"),
    ("outlook_lost", "f8"),
    ("outlook_no_decision", "f8"),
    ("moments_left", "f8"),
    ("days_left", "f8"),
    ("returns_seen", "i4"),
    ("returns_expected", "f8"),
    ("entropy", "f8"),
)
TYPES = {"i8": "bigint", "f8": "float8", "i4": "int", "i2": "smallint", "f8[]": "float8[]"}
TEMPORARY = "CREATE TEMP TABLE IF NOT EXISTS deals_given ({columns}) ON COMMIT DELETE ROWS"
OR_NOTHING = """
SELECT deal_id, claimed, as_of, NULLIF(fit_id, -1) AS fit_id, NULLIF(score, 'NaN') AS score,
    (%s::text[])[reason + 1] AS reason, "position", tomorrow, NULLIF(likely_stage_id, -1) AS likely_stage_id,
    NULLIF(gap, 'NaN') AS gap, NULLIF(component_position, 'NaN') AS component_position,
    NULLIF(component_evidence, 'NaN') AS component_evidence, NULLIF(component_people, 'NaN') AS component_people,
    NULLIF(component_information, 'NaN') AS component_information,
    NULLIF(component_effort, 'NaN') AS component_effort,
    CASE WHEN outlook_won = 'NaN' THEN '{}'::float8[] ELSE ARRAY[outlook_won, outlook_lost, outlook_no_decision] END
        AS outlook,
    NULLIF(moments_left, 'NaN') AS moments_left, NULLIF(days_left, 'NaN') AS days_left, returns_seen,
    returns_expected, NULLIF(entropy, 'NaN') AS entropy
FROM deals_given ORDER BY deal_id
"""
NO_PROCESS = len(REASONS)
# One deal after the other in the order of ids, as everybody locks them.
IN_ORDER = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL lock_timeout = '5s'"


COUNT = "UPDATE deals_heartbeat SET beat_at = now(), scored = scored + %s"


class Claimed(Protocol):
    """A stale row that is held, with the version of its inputs that is measured."""

    @property
    def deal_id(self) -> int: ...
    @property
    def inputs_version(self) -> int: ...


def write_measured(claims: Sequence[Claimed], measured: dict[int, Measured]) -> int:
    """Store what a sweep measured; give how many rows took it. A deal that changed meanwhile stays stale."""
    rows = [_row(claim, measured[claim.deal_id]) for claim in claims if claim.deal_id in measured]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [[claim.deal_id for claim in claims]])
        cursor.execute(WRITE.format(given=AS_JSON.format(fields=FIELDS)), [json.dumps(rows, allow_nan=False)])
        written = int(cursor.fetchone()[0])
        alerts_settle(deals=[claim.deal_id for claim in claims])
        return written


def write_groups(groups: Iterable[tuple[Group, Found | None]]) -> int:
    """Store what was measured of a stretch, within the caller's transaction; give how many rows changed."""
    parts = [_laid_out(group, found) for group, found in groups]
    columns = ", ".join(f'"{name}" {"timestamptz" if name == "as_of" else TYPES[kind]}' for name, kind in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY.format(columns=columns))
        write_rows(cursor, "deals_given", COLUMNS, parts)
        cursor.execute(IN_ORDER)
        cursor.execute(WRITE.format(given=OR_NOTHING), [[*map(str, REASONS), str(Reason.NO_PROCESS)]])
        return int(cursor.fetchone()[0])


def count_scores(scores: int) -> None:
    """Add to the installation's count, outside of the transaction that stores them: its one row is everybody's."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [scores])


def _laid_out(group: Group, found: Found | None) -> bytes:
    same = {"deal_id": group.deal_ids, "claimed": group.versions, "as_of": group.clocks}
    if found is None or group.batch is None:
        return rows_of(COLUMNS, same | _nothing(group.deal_ids.size), size=0)
    sheet = group.batch.sheet
    stages = np.array([stage.id for stage in sheet.stages], dtype=np.int64)
    parts = ("position", "evidence", "people", "information", "effort")
    values = same | {
        "fit_id": np.full(group.deal_ids.size, group.batch.numbers.fit_id, dtype=np.int64),
        "score": found.scores,
        "reason": found.reason,
        "position": found.positions,
        "tomorrow": found.tomorrow,
        "likely_stage_id": stages[found.likely],
        "gap": found.gap,
        "moments_left": found.moments_left,
        "days_left": found.days_left,
        "returns_seen": found.returns_seen,
        "returns_expected": found.returns_expected,
        "entropy": found.entropy,
    }
    values |= {f"component_{name}": found.components[:, column] for column, name in enumerate(parts)}
    values |= {f"outlook_{name}": found.outlook[:, end] for end, name in enumerate(("won", "lost", "no_decision"))}
    return rows_of(COLUMNS, values, size=len(sheet.stages))


def _nothing(deals: int) -> dict[str, Any]:
    """Give the columns of deals without a process to compare with."""
    none = {name: np.full(deals, np.nan if kind == "f8" else -1) for name, kind in COLUMNS if kind in {"f8", "i8"}}
    for same in ("deal_id", "claimed", "as_of"):
        del none[same]
    return none | {
        "reason": np.full(deals, NO_PROCESS),
        "returns_seen": np.zeros(deals, dtype=np.int64),
        "returns_expected": np.zeros(deals),
    }


def _row(claim: Claimed, found: Measured) -> dict[str, Any]:
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
