"""Background work that people wait for."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet
from jobs.choices import UNFINISHED, JobState

TELLING = timedelta(seconds=2)


class JobQuerySet(WorkspaceQuerySet["Job"]):
    """Jobs, by who may see them."""

    def visible_to(self, membership: Any) -> Self:
        """Give one's own jobs; to sales ops, all of the workspace."""
        jobs = self.filter(workspace_id=membership.workspace_id)
        if membership.role == Role.DESIGNER:
            return jobs
        return jobs.filter(started_by__user_id=membership.user_id)


class Job(WorkspaceModel, TimestampedModel):
    """One piece of work: what it is, how far it is, and what came of it. The row is the truth, a message only rings."""

    kind = models.CharField(max_length=60)
    task = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True, db_default=Now())  # by the database's clock: queued, or last at work
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fruitless = models.PositiveSmallIntegerField(default=0)
    can_pause = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)

    objects = WorkspaceManager.from_queryset(JobQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["state", "beat_at"], name="jobs_unfinished", condition=models.Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.pk])

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in UNFINISHED

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None where nobody knows."""
        if self.state == JobState.DONE:
            return 100
        return min(100 * self.done // self.total, 99) if self.total else None

    @property
    def left(self) -> timedelta | None:
        """How long it may still take at the pace so far; None before that can be told."""
        if self.state != JobState.RUNNING or self.started_at is None or not self.total or not self.done:
            return None
        spent = timezone.now() - self.started_at
        return spent * max(self.total - self.done, 0) / self.done if spent > TELLING else None

    @property
    def left_in_words(self) -> str:
        """Say how long it may still take."""
        left = self.left
        if left is None:
            return ""
        seconds = left.total_seconds()
        if seconds < 60:  # noqa: PLR2004  a minute
            return "less than a minute left"
        minutes = round(seconds / 60)
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
