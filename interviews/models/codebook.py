"""What happened to codes, so that it can be undone; and files of programs that code interviews as well."""

from django.db import models
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceModel
from interviews.choices import ExchangeState, Kind


class CodeMerge(WorkspaceModel, TimestampedModel):
    """One code that became part of another. `kept` holds what is needed to part them again: rows, not words."""

    target = models.ForeignKey("interviews.Code", null=True, on_delete=models.SET_NULL, related_name="merges")
    name = models.CharField(max_length=120)
    kept = models.JSONField(default=dict)
    merged_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} into {self.target}"


class ExchangeFile(WorkspaceModel, TimestampedModel):
    """A REFI-QDA codebook or project that was handed in. Its bytes are kept until it is brought in.

    `plan` says what is new, the same and changed as it was shown; `choices` are what a person chose, `result` counts
    what came of it.
    """

    name = models.CharField(max_length=200)
    content = models.BinaryField(blank=True)
    state = models.CharField(max_length=10, choices=ExchangeState.choices, default=ExchangeState.PREVIEW)
    default_kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ACTIVITY)
    plan = models.JSONField(default=dict, blank=True)
    choices = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    brought_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("interviews:exchange_file", args=[self.pk])
