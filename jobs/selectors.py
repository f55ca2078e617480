"""Reads of jobs."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Membership
from core import scope
from jobs.choices import JobState
from jobs.models import Job

STANDING_STILL = timedelta(seconds=60)


def jobs(membership: Membership) -> QuerySet[Job]:
    """Give the jobs that a member may see, newest first."""
    return Job.objects.visible_to(membership).select_related("started_by__user").defer("arguments", "result")


def jobs_by_state() -> dict[str, int]:
    """Count the jobs of all workspaces by their state."""
    with scope.across_workspaces("figures of the whole installation"):
        counted = dict(Job.objects.order_by().values_list("state").annotate(jobs=Count("pk")))
    return {str(state): counted.get(state, 0) for state in JobState}


def jobs_stand_still() -> bool:
    """Tell whether jobs wait, or have fallen silent, for longer than any worker that works would leave them."""
    lately = Now() - STANDING_STILL
    left = Q(state=JobState.QUEUED, updated_at__lt=lately) | Q(
        state=JobState.RUNNING, beat_at__lt=lately - STANDING_STILL
    )
    with scope.across_workspaces("whether workers do the jobs of the whole installation"):
        busy = Job.objects.filter(state=JobState.RUNNING, beat_at__gt=lately)
        return Job.objects.filter(left).exists() and not busy.exists()
