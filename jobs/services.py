"""Start, run and finish jobs. Whoever runs a job claims its row; a job whose worker died is taken up again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership
from core import scope
from core.exceptions import ApplicationError
from core.jobs import enqueue
from jobs.choices import JobState
from jobs.models import Job

log = structlog.get_logger(__name__)
SILENT_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 3


class JobCancelled(Exception):  # noqa: N818  not an error: a person asked for it
    """The person who waits asked to stop."""


class Progress:
    """What running work reports to: `progress.at(40, "Reading row 40")`. Raises JobCancelled when asked to stop."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def at(self, done: int, message: str = "", *, total: int | None = None) -> None:
        """Store how far the work is, outside the work's own transaction where there is none."""
        values: dict[str, Any] = {"done": done, "beat_at": timezone.now()}
        if message:
            values["message"] = message[:300]
        if total is not None:
            values["total"] = total
        Job.objects.filter(pk=self.job.pk).update(**values)
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise JobCancelled


def job_start(
    *, kind: str, task: str, title: str, actor: Membership, total: int = 0, result_url: str = "", **arguments: Any
) -> Job:
    """Store a job and ring for `task(job_id=...)`. `arguments` must be plain JSON."""
    job = Job.objects.create(
        workspace_id=actor.workspace_id,
        kind=kind,
        task=task,
        title=title[:200],
        total=total,
        result_url=result_url,
        arguments=arguments,
        started_by=actor,
    )
    enqueue(task, job_id=job.pk)
    return job


def job_run(*, job_id: int, work: Callable[[Job, Progress], dict[str, Any]]) -> None:
    """Claim the job, do `work` in its workspace, store how it ended. A job that somebody else holds is left alone."""
    with scope.across_workspaces("claim a job by its id"):
        job = _claim(job_id)
    if job is None:
        return
    with scope.in_workspace(job.workspace_id):
        try:
            result = work(job, Progress(job))
        except JobCancelled:
            _finish(job, JobState.CANCELLED, message="Cancelled.")
        except ApplicationError as error:
            _finish(job, JobState.FAILED, message=error.message)
        except Exception:
            _finish(
                job,
                JobState.FAILED,
                message="Something went wrong on our side. Try again, or tell your admin the time.",
            )
            log.exception("job_failed", job_id=job.pk, kind=job.kind)
            raise
        else:
            _finish(job, JobState.DONE, result=result)


def job_cancel(*, job: Job) -> None:
    """Ask a job to stop at its next step."""
    Job.objects.filter(pk=job.pk, state__in=[JobState.QUEUED, JobState.RUNNING]).update(cancel_requested=True)


def jobs_resume_waiting() -> int:
    """Ring again for jobs that wait or whose worker went silent; give how many."""
    silent = timezone.now() - SILENT_AFTER
    with scope.across_workspaces("resume jobs whose message or worker was lost"):
        waiting = list(
            Job.objects.filter(
                Q(state=JobState.QUEUED, created_at__lt=timezone.now() - timedelta(seconds=5))
                | Q(state=JobState.RUNNING, beat_at__lt=silent)
            )[:100]
        )
    for job in waiting:
        enqueue(job.task, job_id=job.pk)
    return len(waiting)


def _claim(job_id: int) -> Job | None:
    with transaction.atomic():
        now = timezone.now()
        claimable = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, beat_at__lt=now - SILENT_AFTER)
        job = Job.objects.select_for_update(skip_locked=True).filter(claimable, pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _finish(job, JobState.FAILED, message="Tried three times without coming to an end.")
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING, started_at=now, beat_at=now, attempts=F("attempts") + 1
        )
    return job


def _finish(job: Job, state: JobState, *, message: str = "", result: dict[str, Any] | None = None) -> None:
    values: dict[str, Any] = {"state": state, "finished_at": timezone.now()}
    if message:
        values["message"] = message[:300]
    if state == JobState.DONE:
        values |= {"result": result or {}, "done": F("total")}
    Job.objects.filter(pk=job.pk).update(**values)
