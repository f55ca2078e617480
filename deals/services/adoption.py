"""Move the open deals of a process to a version that was just published."""

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from buying_process.models import Stage, Version
from core.audit import record
from core.jobs import publish
from deals.choices import MAX_ATTEMPTS
from deals.models import Alignment, Deal, StageEvent
from deals.selectors.overlap import stage_map
from deals.selectors.versions import version_for
from deals.services.alignment import DOORBELL, alignments_recompute_stale
from deals.services.loading import mark_bulk
from deals.services.outlooks import outlook_refit
from jobs.models import Job
from jobs.services import Progress

CHUNK = 500
PAUSE_SECONDS = 0.2


def deals_adopt_version(*, job: Job, progress: Progress) -> dict[str, Any]:
    """Move the deals, then see to it that all of them are scored by the new version. May be run again at any point."""
    version = Version.objects.select_related("process").get(pk=job.arguments["version_id"])
    outlook_refit(version=version)
    moved, waiting = 0, _to_move(version).count()
    total = 2 * waiting
    progress.at(0, f"Moving {waiting} deals", total=total)
    maps: dict[int, dict[int, Stage]] = {}
    while chunk := _move_chunk(version, maps, job):
        moved += chunk
        progress.at(moved, f"Moved {moved} of {waiting} deals", total=total)
    if moved:
        record("deal.adopt_version", version, actor=job.started_by, changes={"deals": [0, moved]})
    publish(DOORBELL)
    failed = _wait_until_scored(version, progress, moved=moved)
    return {"moved": moved, "failed": failed}


def _to_move(version: Version) -> QuerySet[Deal]:
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


def _move_chunk(version: Version, maps: dict[int, dict[int, Stage]], job: Job) -> int:
    with transaction.atomic():
        mark_bulk()
        # Read apart from locking: FOR UPDATE cannot reach over the optional version and stage.
        ids = list(_to_move(version).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        deals = list(Deal.objects.open().select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        now = timezone.now()
        events = []
        for deal in deals:
            if deal.version_id is not None and deal.version_id not in maps:
                maps[deal.version_id] = stage_map(deal.version_id, version.pk)
            events += _move(deal, version, maps.get(deal.version_id or 0, {}), job, now)
        Deal.objects.bulk_update(deals, ["version", "stage", "updated_at"])
        StageEvent.objects.bulk_create(events)
    return len(ids)


def _move(deal: Deal, version: Version, stages: Mapping[int, Stage], job: Job, now: Any) -> list[StageEvent]:
    before = deal.stage_id
    after = stages.get(before) if before is not None else None
    deal.version, deal.stage, deal.updated_at = version, after, now
    if after is None:
        return []
    return [
        StageEvent(
            workspace_id=deal.workspace_id,
            deal=deal,
            from_stage_id=before,
            to_stage=after,
            actor=job.started_by,
            occurred_at=now,
            note=f"Moved to version {version.number}",
        )
    ]


def _wait_until_scored(version: Version, progress: Progress, *, moved: int) -> int:
    """Score the version's deals here too, so that the job ends even where no other worker runs."""
    of_version = Alignment.objects.filter(deal__version=version, deal__outcome="open")
    behind = of_version.filter(scored_version__lt=F("inputs_version"))
    while waiting := behind.filter(attempts__lt=MAX_ATTEMPTS).count():
        scored = max(moved - waiting, 0)
        progress.at(moved + scored, f"Scored {scored} of {moved} deals")
        if alignments_recompute_stale(seconds=2.0, version_id=version.pk) == 0:
            time.sleep(PAUSE_SECONDS)  # the rest is in other workers' hands, or waits after a failure
    return behind.count()
