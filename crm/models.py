"""Files of deals that people bring in."""

from django.db import models
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceModel
from crm.choices import ImportState


class DealImport(WorkspaceModel, TimestampedModel):
    """One uploaded file: its bytes (so that every worker can read them), its mapping, and what came of it."""

    file_name = models.CharField(max_length=200)
    content = models.BinaryField(blank=True)
    headers = models.JSONField(default=list, blank=True)
    row_count = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict, blank=True)
    stage_mapping = models.JSONField(default=dict, blank=True)
    owner_mapping = models.JSONField(default=dict, blank=True)
    version = models.ForeignKey(
        "buying_process.Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_dry_run = models.BooleanField(default=True)
    created_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("crm:import", args=[self.pk])


class RowError(WorkspaceModel):
    """Why a row was refused: its number in the file, the column, what stood there, and the reason."""

    deal_import = models.ForeignKey(DealImport, on_delete=models.CASCADE, related_name="errors")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["deal_import", "row", "column"]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
