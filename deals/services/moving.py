"""Moving open deals to another version of their process, many at once: one statement a stretch."""

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from buying_process.models import Version
from deals.models import Deal
from deals.selectors.overlap import stage_map
from deals.selectors.versions import version_for
from deals.services.urgency import mark_bulk
from jobs.models import Job

MOVE = """
WITH stages AS (
    SELECT * FROM unnest(%(before)s::bigint[], %(after)s::bigint[]) AS stages(before, after)
), moving AS (
    SELECT id, stage_id FROM deals_deal WHERE id = ANY(%(deals)s) AND outcome = 'open'
        AND (version_id IS NULL OR version_id = ANY(%(former)s)) ORDER BY id FOR NO KEY UPDATE
), moved AS (
    UPDATE deals_deal AS deal SET version_id = %(version)s, stage_id = stages.after, updated_at = now()
    FROM moving LEFT JOIN stages ON stages.before = moving.stage_id WHERE deal.id = moving.id
    RETURNING deal.id, deal.workspace_id, moving.stage_id AS before, deal.stage_id AS after
), told AS (
    INSERT INTO deals_stageevent (workspace_id, deal_id, from_stage_id, to_stage_id, actor_id, occurred_at, note,
        external_id, created_at)
    SELECT workspace_id, id, before, after, %(actor)s, now(), %(note)s, '', now() FROM moved WHERE after IS NOT NULL
)
SELECT count(*) FROM moved
"""


def deals_to_move(version: Version) -> QuerySet[Deal]:
    """Give the open deals that go by another version of the process, and those that waited for a process at all."""
    others = Q(version__process_id=version.process_id) & ~Q(version_id=version.pk)
    without = Q(version__isnull=True)
    segment = version.process.segment
    chosen = version_for(segment)
    if chosen is None or chosen.pk != version.pk:
        without &= Q(pk__in=[])
    elif segment is not None:
        without &= Q(segment=segment)
    return Deal.objects.open().filter(others | without)


def deals_move(*, version_id: int, job_id: int, after: int, last: int) -> int:
    """Move the deals with ids above `after` up to `last`, within the caller's transaction; give how many moved.

    None are moved to a version that was retired meanwhile: they go to the one that came after it.
    """
    version = Version.objects.in_use().select_related("process").filter(pk=version_id).first()
    if version is None:
        return 0
    found = dict(deals_to_move(version).filter(pk__gt=after, pk__lte=last).values_list("pk", "version_id"))
    former = [each for each in set(found.values()) if each is not None]
    stages: dict[int, int] = {}
    for each in former:
        stages |= {before: stage.pk for before, stage in stage_map(each, version_id).items()}
    mark_bulk()
    values: dict[str, Any] = {
        "before": list(stages),
        "after": list(stages.values()),
        "deals": list(found),
        "former": former,  # one that another publication moves at this moment has a stage that is not mapped here
        "version": version_id,
        "actor": Job.objects.values_list("started_by_id", flat=True).get(pk=job_id),
        "note": f"Moved to version {version.number}",
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
        return int(cursor.fetchone()[0])
