"""What people and jobs keep beside a version: its derivation, what was refused, edits to undo, findings accepted."""

from django.db import models
from django.db.models import Q

from buying_process.choices import Finding
from buying_process.models.versions import Process, Stage, StageActivity, Version
from core.models import WorkspaceModel


class Run(WorkspaceModel):
    """What a derivation was made from and what came of it, so that it can be repeated. Never changed.

    `options` are what a person chose; `interviews` name each interview read, with its weight and a digest of what was
    read of it; `deals` the same of closed deals; `digest` is of the result.
    """

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="run")
    options = models.JSONField(default=dict)
    interviews = models.JSONField(default=list)
    deals = models.JSONField(default=dict)
    program = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]

    def __str__(self) -> str:
        return f"Derivation of {self.version}"


class Refusal(WorkspaceModel):
    """A part of a proposal that a person did not take."""

    proposal = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="refusals")
    part = models.CharField(max_length=200)
    refused_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["proposal", "part"]
        constraints = [models.UniqueConstraint(fields=["proposal", "part"], name="buying_process_refusal_once")]

    def __str__(self) -> str:
        return self.part


class Hearing(WorkspaceModel):
    """How the stages of a process hold when its interviews are drawn anew: worked out off the request and kept.

    `inputs` is a digest of what `result` was worked out from. Where it is not that of the interviews and stages as they
    are, the result is old and not shown.
    """

    process = models.OneToOneField(Process, on_delete=models.CASCADE, related_name="hearing")
    inputs = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict)
    worked_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["workspace", "process"]

    def __str__(self) -> str:
        return f"What was heard of {self.process}"


class Edit(WorkspaceModel):
    """One edit of a draft as its maker can undo and redo it: what was there before and after.

    `rows` name each stage, activity and need that it made, changed or took away, with just the values that changed;
    `orders` the order of the stages, and of the activities of a stage, where it changed. `basis` is what the draft
    rested on before and after, where that changed; `intervals` are those of the moves before and after, which a share
    that is worked out anew has lost. `number` is the draft's count of edits when it was made.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="history")
    made_by = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=300)
    rows = models.JSONField(default=list, blank=True)
    orders = models.JSONField(default=dict, blank=True)
    basis = models.JSONField(default=list, blank=True)
    intervals = models.JSONField(default=list, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version", "-number"]
        indexes = [models.Index(fields=["version", "made_by", "-number"], name="buying_process_edits_of")]

    def __str__(self) -> str:
        return self.label


class Acceptance(WorkspaceModel):
    """A finding of the checks that a person accepted as intended, and why. It is about a stage or an activity."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="acceptances")
    kind = models.CharField(max_length=20, choices=Finding.choices)
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    activity = models.ForeignKey(StageActivity, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    accepted_by = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "stage", "activity"], nulls_distinct=False, name="buying_process_accept_once"
            ),
            models.CheckConstraint(
                condition=Q(stage__isnull=False, activity__isnull=True) | Q(stage__isnull=True, activity__isnull=False),
                name="buying_process_accept_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"
