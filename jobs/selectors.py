"""Reads of jobs."""

from django.db.models import Count, QuerySet

from accounts.models import Membership
from core import scope
from jobs.choices import JobState
from jobs.models import Job


def jobs(membership: Membership) -> QuerySet[Job]:
    """Give the jobs that a member may see, newest first."""
    return Job.objects.visible_to(membership).select_related("started_by__user").defer("arguments", "result")


def jobs_by_state() -> dict[str, int]:
    """Count the jobs of all workspaces by their state."""
    with scope.across_workspaces("figures of the whole installation"):
        counted = dict(Job.objects.order_by().values_list("state").annotate(jobs=Count("pk")))
    return {str(state): counted.get(state, 0) for state in JobState}
