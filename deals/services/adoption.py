"""Move the open deals of a process to a version that was just published."""

import time
from typing import Any

from django.db.models import F, Sum

from buying_process.models import Version
from core.audit import record
from deals.choices import MAX_ATTEMPTS
from deals.models import Alignment, Stretch
from deals.services.alignment import alignments_recompute_stale, alignments_recompute_urgent
from deals.services.moving import deals_to_move
from deals.services.outlooks import outlook_refit
from deals.services.stretches import stretches_plan, stretches_work_off
from jobs.models import Job
from jobs.services import Progress

PAUSE_SECONDS = 0.2
ROUNDS = 3
DOING = "Moving deals and computing their scores"


def deals_adopt_version(*, job: Job, progress: Progress) -> dict[str, Any]:
    """Move the deals and score them by the new version, stretch by stretch. May be run again at any point."""
    version = Version.objects.select_related("process").get(pk=job.arguments["version_id"])
    outlook_refit(version=version)
    for _ in range(ROUNDS):  # deals that were opened meanwhile come with the next round
        stretches_work_off(job=job, progress=progress, doing=DOING, urgent=alignments_recompute_urgent)
        if not stretches_plan(job=job, deals=deals_to_move(version), version=version, moves=True):
            break
    moved = Stretch.objects.filter(job=job).aggregate(moved=Sum("moved"))["moved"] or 0
    if moved:
        record("deal.adopt_version", version, actor=job.started_by, changes={"deals": [0, moved]})
    failed = _wait_until_scored(version, progress)
    return {"moved": moved, "failed": failed, "message": f"{moved:,} deal{'' if moved == 1 else 's'} moved."}


def _wait_until_scored(version: Version, progress: Progress) -> int:
    """Score what is still stale here too, so that the job ends even where no other worker runs."""
    of_version = Alignment.objects.open().filter(version=version)
    behind = of_version.filter(scored_version__lt=F("inputs_version"))
    while waiting := behind.filter(attempts__lt=MAX_ATTEMPTS).count():
        progress.at(progress.job.total, f"{waiting} deals are scored one by one")
        if alignments_recompute_stale(seconds=2.0, version_id=version.pk) == 0:
            time.sleep(PAUSE_SECONDS)  # the rest is in other workers' hands, or waits after a failure
    return behind.filter(attempts__gte=MAX_ATTEMPTS).count()  # not those that somebody edits at this moment
