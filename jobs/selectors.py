"""Reads of jobs."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Membership
from core import scope
from jobs.choices import JobState
from jobs.models import Job
from jobs.under_way import tasks_under_way

STANDING_STILL = timedelta(seconds=60)
LONGEST_TASK = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)


def jobs(membership: Membership) -> QuerySet[Job]:
    """Give the jobs that a member may see, newest first."""
    return Job.objects.visible_to(membership).select_related("started_by__user").defer("arguments", "result")


def jobs_by_state() -> dict[str, int]:
    """Count the jobs of all workspaces by their state."""
    with scope.across_workspaces("figures of the whole installation"):
        counted = dict(Job.objects.order_by().values_list("state").annotate(jobs=Count("pk")))
    return {str(state): counted.get(state, 0) for state in JobState}


def jobs_stand_still() -> bool:
    """Tell whether jobs wait, or have fallen silent, for longer than any worker that works would leave them.

    One that is busy with tasks which are no jobs leaves them for as long as a task may take.
    """
    with scope.across_workspaces("whether workers do the jobs of the whole installation"):
        busy = Job.objects.filter(state=JobState.RUNNING, beat_at__gt=Now() - STANDING_STILL)
        if not _left_for(STANDING_STILL).exists() or busy.exists():
            return False
        return _left_for(LONGEST_TASK).exists() or not tasks_under_way()


def _left_for(patience: timedelta) -> QuerySet[Job]:
    lately = Now() - patience
    queued = Q(state=JobState.QUEUED, beat_at__lt=lately)
    return Job.objects.filter(queued | Q(state=JobState.RUNNING, beat_at__lt=lately - STANDING_STILL))
