"""Reads of jobs."""

from django.db.models import QuerySet

from accounts.models import Membership
from jobs.models import Job


def jobs(membership: Membership) -> QuerySet[Job]:
    """Give the jobs that a member may see, newest first."""
    return Job.objects.visible_to(membership).select_related("started_by__user").defer("arguments", "result")
