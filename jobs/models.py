"""Background work that people wait for."""

from django.db import models
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceModel
from jobs.choices import JobState


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
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)

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
