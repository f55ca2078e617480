"""Files of deals that people bring in."""

from django.db import models
from django.urls import reverse

from core.models import RowRefusal, TableImport, TimestampedModel, WorkspaceModel


class DealImport(WorkspaceModel, TimestampedModel, TableImport):
    """One uploaded file: its bytes (so that every worker can read them), its mapping, and what came of it."""

    file_name = models.CharField(max_length=200)
    content = models.BinaryField(blank=True)
    stage_mapping = models.JSONField(default=dict, blank=True)
    owner_mapping = models.JSONField(default=dict, blank=True)
    version = models.ForeignKey(
        "buying_process.Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("crm:import", args=[self.pk])


class RowError(RowRefusal):
    """Why a row of a file of deals was refused."""

    deal_import = models.ForeignKey(DealImport, on_delete=models.CASCADE, related_name="errors")

    class Meta:
        ordering = ["deal_import", "row", "column"]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
