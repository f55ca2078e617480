"""Recompute the scores of all open deals of a workspace: each day, since silence moves buyers too.

Where no worker comes, a command does what bulk jobs are left.
"""

from typing import Any

from django.db import connection, transaction

from accounts.models import Workspace
from core import scope
from deals.models import Deal, Stretch
from deals.services.adoption import deals_adopt_version
from deals.services.alignment import SILENT_HOURS, alignments_recompute_urgent
from deals.services.stretches import stretches_plan, stretches_work_off
from jobs.models import Job
from jobs.services import Progress, job_start, jobs_work_off

KIND = "rescore"
OLD = """
SELECT row.workspace_id FROM deals_alignment AS row JOIN deals_deal AS deal ON deal.id = row.deal_id
WHERE deal.outcome = 'open' AND row.as_of < now() - make_interval(hours => %(hours)s)
GROUP BY row.workspace_id HAVING NOT EXISTS (
    SELECT 1 FROM jobs_job AS job WHERE job.workspace_id = row.workspace_id AND job.kind = %(kind)s AND (
        job.state IN ('queued', 'running', 'paused') OR job.created_at > now() - make_interval(hours => %(hours)s)))
"""


def alignments_rescore(*, workspace: Workspace) -> Job:
    """Start the job that recomputes a workspace's open deals."""
    return job_start(
        kind=KIND,
        task="deals.rescore",
        title="Compute the scores of all open deals anew",
        actor=workspace,
        can_pause=True,
    )


@transaction.atomic
def alignments_rescore_old() -> int:
    """Start it wherever scores are over 20 hours old and it did not run since; give in how many workspaces.

    Where two do this at once, one does it and the other nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('deals rescore_old'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(OLD, {"hours": SILENT_HOURS, "kind": KIND})
        found = [row[0] for row in cursor.fetchall()]
    for workspace in Workspace.objects.filter(pk__in=found).order_by("pk"):
        with scope.in_workspace(workspace.pk):
            alignments_rescore(workspace=workspace)
    return len(found)


def deals_rescore(*, job: Job, progress: Progress) -> dict[str, Any]:
    """Recompute the job's deals, stretch by stretch. May be run again at any point."""
    if not Stretch.objects.filter(job=job).exists():
        stretches_plan(job=job, deals=Deal.objects.open())
    stretches_work_off(job=job, progress=progress, doing="Computing scores", urgent=alignments_recompute_urgent)
    return {"deals": job.total, "message": f"{job.total:,} deal{'' if job.total == 1 else 's'} scored."}


def bulk_jobs_work_off() -> int:
    """Do publications and recomputations that no worker takes up; give how many."""
    return jobs_work_off(
        works={
            "deals.adopt_version": lambda job, progress: deals_adopt_version(job=job, progress=progress),
            "deals.rescore": lambda job, progress: deals_rescore(job=job, progress=progress),
        }
    )
