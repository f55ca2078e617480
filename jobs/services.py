"""Start, run and finish jobs. Whoever runs a job claims its row; a job whose worker died is taken up again.

A claim is numbered by `attempts`. What a worker writes later counts only while its claim is the last one, so that a
worker which was given up cannot spoil the work of the one that came after it. A job that ended three claims in a row
without getting any further is given up; one that gets on may be taken up again for ever.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Membership, Workspace
from core import audit, scope
from core.exceptions import ApplicationError
from core.jobs import enqueue
from jobs.choices import UNFINISHED, JobState
from jobs.models import Job
from jobs.progress import JobCancelled, JobTakenOver, Progress, heartbeat

__all__ = [
    "JobCancelled",
    "Progress",
    "job_cancel",
    "job_pause",
    "job_resume",
    "job_run",
    "job_start",
    "jobs_resume_waiting",
    "jobs_work_off",
]

log = structlog.get_logger(__name__)
SILENT_AFTER = timedelta(seconds=60)
RING_AGAIN_AFTER = timedelta(seconds=5)
# By the database's clock, since those of workers differ; a moment to come is of a clock that was set back.
SILENT = Q(state=JobState.RUNNING) & (Q(beat_at__lt=Now() - SILENT_AFTER) | Q(beat_at__gt=Now() + SILENT_AFTER))
CLAIMABLE = Q(state=JobState.QUEUED) | SILENT
WAITING = Q(state=JobState.QUEUED) & (Q(created_at__lt=Now() - RING_AGAIN_AFTER) | Q(created_at__gt=Now()))
MAX_ATTEMPTS = 3
OUR_FAULT = "Something went wrong on our side. Try again, or tell your admin the time."
TOO_LONG = "This took longer than a job may. Try it with less, or tell your admin the time."

Work = Callable[[Job, Progress], dict[str, Any]]


@transaction.atomic
def job_start(
    *,
    kind: str,
    task: str,
    title: str,
    actor: Membership | Workspace,
    total: int = 0,
    result_url: str = "",
    can_pause: bool = False,
    **arguments: Any,
) -> Job:
    """Store a job and ring for `task(job_id=...)`. `arguments` must be plain JSON.

    `can_pause` is for work that goes on where it stood. The system starts a job in a workspace's name.
    """
    member = actor if isinstance(actor, Membership) else None
    job = Job(
        workspace_id=actor.pk if isinstance(actor, Workspace) else actor.workspace_id,
        kind=kind,
        task=task,
        title=title[:200],
        total=total,
        result_url=result_url,
        arguments=arguments,
        can_pause=can_pause,
        started_by=member,
    )
    job.save(force_insert=True)
    audit.record("job.start", job, actor=member, changes={"kind": kind})
    enqueue(task, job_id=job.pk)
    return job


def job_run(*, job_id: int, work: Work) -> None:
    """Claim the job, do `work` in its workspace, store how it ended. A job that somebody else holds is left alone.

    What the work gives is the job's result, but for its "message": a sentence for people in place of the last step.
    """
    with scope.across_workspaces("claim a job by its id"):
        job = _claim(job_id)
    if job is None:
        return
    with scope.in_workspace(job.workspace_id), heartbeat(job), Progress(job) as progress:
        try:
            result = work(job, progress)
        except JobCancelled:
            _finish(job, JobState.CANCELLED, message="Cancelled.")
        except JobTakenOver:
            log.warning("job_taken_over", job_id=job.pk, kind=job.kind, attempt=job.attempts)
        except ApplicationError as error:
            _finish(job, JobState.FAILED, message=error.message)
        except (OperationalError, InterfaceError):
            # the database went away or broke a deadlock: nothing of this attempt is stored, so the job may run again
            log.exception("job_interrupted", job_id=job.pk, kind=job.kind)
            _let_go(job)
        except SoftTimeLimitExceeded:
            _finish(job, JobState.FAILED, message=TOO_LONG)
            raise
        except Exception:
            _finish(job, JobState.FAILED, message=OUR_FAULT)
            log.exception("job_failed", job_id=job.pk, kind=job.kind)
            raise
        else:
            message = result.pop("message", "") if result else ""
            _finish(job, JobState.DONE, message=message, result=result)


@transaction.atomic
def job_cancel(*, job: Job, actor: Membership) -> None:
    """Ask a job to stop at its next step; one that nobody works on ends at once."""
    now = timezone.now()
    ended = Job.objects.filter(pk=job.pk, state__in=(JobState.QUEUED, JobState.PAUSED)).update(
        state=JobState.CANCELLED, cancel_requested=True, finished_at=now, message="Cancelled.", updated_at=now
    )
    if ended or Job.objects.filter(pk=job.pk, state=JobState.RUNNING, cancel_requested=False).update(
        cancel_requested=True, updated_at=now
    ):
        audit.record("job.cancel", job, actor=actor)


@transaction.atomic
def job_pause(*, job: Job, actor: Membership) -> None:
    """Have a job stand still: whoever works on it leaves it at the next step."""
    unfinished = Job.objects.filter(
        pk=job.pk, can_pause=True, state__in=(JobState.QUEUED, JobState.RUNNING), cancel_requested=False
    )
    if unfinished.update(state=JobState.PAUSED, updated_at=timezone.now()):
        audit.record("job.pause", job, actor=actor)


@transaction.atomic
def job_resume(*, job: Job, actor: Membership) -> None:
    """Let a job that was paused go on where it stood."""
    if Job.objects.filter(pk=job.pk, state=JobState.PAUSED).update(
        state=JobState.QUEUED, fruitless=0, beat_at=Now(), updated_at=timezone.now()
    ):
        audit.record("job.resume", job, actor=actor)
        enqueue(job.task, job_id=job.pk)


def jobs_work_off(*, works: Mapping[str, Work]) -> int:
    """Do here and now what nobody works on of these tasks, as where no worker comes; give how many jobs that were."""
    with scope.across_workspaces("do jobs that no worker takes up"):
        waiting = list(Job.objects.filter(CLAIMABLE, task__in=works).order_by("pk").values_list("pk", "task"))
    for job_id, task in waiting:
        job_run(job_id=job_id, work=works[task])
    return len(waiting)


def jobs_resume_waiting() -> int:
    """Ring again for jobs that wait or whose worker went silent; give how many."""
    with scope.across_workspaces("resume jobs whose message or worker was lost"):
        waiting = list(Job.objects.filter(WAITING | SILENT).order_by("pk")[:100])
    for job in waiting:
        enqueue(job.task, job_id=job.pk)
    return len(waiting)


def _claim(job_id: int) -> Job | None:
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(CLAIMABLE, pk=job_id).first()
        if job is None:
            return None
        if job.cancel_requested:
            _finish(job, JobState.CANCELLED, message="Cancelled.")
            return None
        if job.fruitless >= MAX_ATTEMPTS:
            _finish(job, JobState.FAILED, message="Tried three times without coming to an end.")
            return None
        job.state, job.attempts, job.fruitless = JobState.RUNNING, job.attempts + 1, job.fruitless + 1
        job.started_at = job.beat_at = Now()
        job.save(update_fields=["state", "started_at", "beat_at", "attempts", "fruitless", "updated_at"])
        job.refresh_from_db(fields=["started_at", "beat_at"])
    return job


def _finish(job: Job, state: JobState, *, message: str = "", result: dict[str, Any] | None = None) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"state": state, "finished_at": now, "updated_at": now, "message": message[:300]}
    if state == JobState.DONE:
        values |= {"result": result or {}, "done": F("total")}
    Job.objects.filter(pk=job.pk, attempts=job.attempts, state__in=UNFINISHED).update(**values)


def _let_go(job: Job) -> None:
    """Give a claim back, over a fresh connection; where that fails too, the silence will tell."""
    if not connection.in_atomic_block:
        connection.close()
    try:
        held = Job.objects.filter(pk=job.pk, attempts=job.attempts, state=JobState.RUNNING)
        held.update(state=JobState.QUEUED, beat_at=Now())
    except (OperationalError, InterfaceError):
        log.warning("job_left_to_silence", job_id=job.pk)
