"""The append-only record."""

from django.db import models

from core.models import WorkspaceModel


class AuditEvent(WorkspaceModel):
    """One write: who did what to which object, and what changed. The database refuses changes and deletion."""

    # an append-only row outlives its actor: no constraint, and the label says who it was
    actor = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(max_length=200)
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-at"], name="audit_by_time"),
            models.Index(fields=["workspace", "object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["workspace", "actor_label"], name="audit_by_person"),
            models.Index(fields=["workspace", "verb"], name="audit_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.verb} {self.object_label}"
