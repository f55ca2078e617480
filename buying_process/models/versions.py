"""Processes, their versions, and what a version is made of. The database keeps published versions immutable."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.choices import Role
from buying_process.choices import Actor, Need, Purpose, Status
from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet
from interviews.choices import Channel, PurchaseOutcome

READERS = (Role.MANAGER, Role.REP)
READABLE = (Status.PILOT, Status.LIVE, Status.RETIRED)


class ProcessQuerySet(WorkspaceQuerySet["Process"]):
    """Processes, by who may see them."""

    def visible_to(self, membership: Any) -> Self:
        """Give sales ops every process, managers and reps those that were published once, an admin none."""
        processes = self.filter(workspace_id=membership.workspace_id)
        if membership.role == Role.DESIGNER:
            return processes
        if membership.role not in READERS:
            return processes.none()
        published = Version.objects.filter(process_id=OuterRef("pk"), status__in=READABLE)
        return processes.filter(Exists(published))


class Process(WorkspaceModel, TimestampedModel):
    """How one segment (or everybody) buys, and how we help."""

    name = models.CharField(max_length=120)
    segment = models.ForeignKey("interviews.Segment", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = WorkspaceManager.from_queryset(ProcessQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "processes"
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                name="buying_process_name",
                violation_error_message="There is a process of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("buying_process:process", args=[self.pk])


class VersionQuerySet(WorkspaceQuerySet["Version"]):
    """Versions of the workspace's processes."""

    def visible_to(self, membership: Any) -> Self:
        """Give sales ops every version, managers and reps those that left draft, an admin none; no proposal."""
        versions = self.filter(workspace_id=membership.workspace_id, proposed_for__isnull=True)
        if membership.role == Role.DESIGNER:
            return versions
        return versions.filter(status__in=READABLE) if membership.role in READERS else versions.none()

    def in_use(self) -> Self:
        """Give the versions that deals may be pinned to."""
        return self.filter(status__in=[Status.PILOT, Status.LIVE])


class Version(WorkspaceModel, TimestampedModel):
    """One shape of a process. Weights of alignment's components are whole percentages.

    `proposed_for` is the draft beside which this one is a proposal: it is shown there alone, and never edited.
    `deal_weight` says how much the path of a closed deal counts beside an interview of weight 1; 0 where none joins.
    """

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    interviews = models.ManyToManyField("interviews.Interview", related_name="+")
    cyclic_share = models.FloatField(default=0.0)
    derivation = models.JSONField(default=dict)
    weight_position = models.PositiveSmallIntegerField(default=40)
    weight_evidence = models.PositiveSmallIntegerField(default=20)
    weight_people = models.PositiveSmallIntegerField(default=15)
    weight_information = models.PositiveSmallIntegerField(default=15)
    weight_effort = models.PositiveSmallIntegerField(default=10)
    half_life_days = models.FloatField(default=21.0)
    days_between_moments = models.FloatField(default=7.0)
    deal_weight = models.FloatField(default=0.0)
    proposed_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="proposals")
    edits = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "accounts.Membership", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceManager.from_queryset(VersionQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["process", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="buying_process_version_number"),
            models.UniqueConstraint(
                fields=["process"], condition=Q(status=Status.LIVE), name="buying_process_one_live_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process}, version {self.number}"

    def get_absolute_url(self) -> str:
        if self.proposed_for is not None:
            return reverse("buying_process:proposal", args=[self.process_id, self.proposed_for.number])
        return reverse("buying_process:version", args=[self.process_id, self.number])


class Stage(WorkspaceModel):
    """A phase of the customer's buying, named in their words; `told` counts the interviews that tell of it.

    `stability` is the mean overlap with its like when the interviews are drawn anew, 0 to 1; nothing is known of it
    once a person has changed which of the customer's activities the stage holds. What a person shaped is `pinned`: no
    proposal offers to change it.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    told = models.PositiveIntegerField(default=0)
    typical_days = models.FloatField(null=True, blank=True)
    stability = models.FloatField(null=True, blank=True)
    pinned = models.BooleanField(default=False)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="buying_process_stage_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return self.name


class Skill(WorkspaceModel, TimestampedModel):
    """Something that one of us must be good at to do an activity of ours well."""

    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                name="buying_process_skill_name",
                violation_error_message="There is a skill of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageActivity(WorkspaceModel):
    """Something that is done in a stage: by the customer (then it has a code), or by us.

    `channels` are those by which something of ours reaches the customer, where a person said so.
    """

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="activities")
    code = models.ForeignKey("interviews.Code", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    actor = models.CharField(max_length=10, choices=Actor.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    facilitates = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="helped_by")
    position = models.PositiveSmallIntegerField(default=0)
    told = models.FloatField(default=0.0)
    pinned = models.BooleanField(default=False)
    channels = ArrayField(models.CharField(max_length=12, choices=Channel.choices), default=list, blank=True)
    skills = models.ManyToManyField(Skill, blank=True, related_name="activities")

    class Meta:
        ordering = ["stage", "position", "id"]
        verbose_name_plural = "stage activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(actor=Actor.CUSTOMER, purpose__in=[Purpose.OWN, Purpose.NOT_RELEVANT])
                | (~Q(actor=Actor.CUSTOMER) & Q(purpose__in=[Purpose.FACILITATES, Purpose.INDEPENDENT])),
                name="buying_process_actor_purpose",
                violation_error_message=(
                    "A customer's activity is their own or not relevant to us; ours helps or is ours alone."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageNeed(WorkspaceModel):
    """A role, an information need on a channel, or the evidence that a stage is done; or an obstacle told of it."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=12, choices=Need.choices)
    code = models.ForeignKey("interviews.Code", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    told = models.PositiveIntegerField(default=0)
    pinned = models.BooleanField(default=False)

    class Meta:
        ordering = ["stage", "kind", "-told", "name"]
        constraints = [
            models.UniqueConstraint("stage", "kind", Lower("name"), "channel", name="buying_process_need_once")
        ]

    def __str__(self) -> str:
        return self.name


class Transition(WorkspaceModel):
    """A share of customers that go from a stage to another, or to an outcome; `seen` counts how often it was told.

    `seen_in_deals` counts, by weight, how often closed deals went so, where these joined the evidence. `low` and
    `high` bound the share in nine of ten draws of the interviews, where that was worked out.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="transitions")
    from_stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="exits")
    to_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.CASCADE, related_name="entries")
    outcome = models.CharField(max_length=12, choices=PurchaseOutcome.choices, blank=True)
    share = models.FloatField()
    seen = models.FloatField(default=0.0)
    seen_in_deals = models.FloatField(default=0.0)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["from_stage__position", "-share"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_stage", "to_stage", "outcome"],
                nulls_distinct=False,
                name="buying_process_transition_once",
            ),
            models.CheckConstraint(
                condition=Q(to_stage__isnull=False, outcome="")
                | Q(to_stage__isnull=True, outcome__in=["won", "lost", "no_decision"]),
                name="buying_process_transition_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage or self.outcome}"


class Fit(WorkspaceModel):
    """The numbers of a published version, row-major: matrix (K, K+3), start (K,), emissions (K, n). Never changed.

    `stage_ids` and `activity_ids` name the rows and columns.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="fits")
    number = models.PositiveSmallIntegerField(default=1)
    stage_ids = ArrayField(models.BigIntegerField())
    activity_ids = ArrayField(models.BigIntegerField())
    matrix = ArrayField(models.FloatField())
    start = ArrayField(models.FloatField())
    emissions = ArrayField(models.FloatField())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version", "-number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="buying_process_fit_number")]

    def __str__(self) -> str:
        return f"{self.version}, fit {self.number}"
