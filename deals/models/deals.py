"""Deals and what was logged on them. Event rows are append-only: undo retracts, it never deletes."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Membership
from core.models import ModelT_co, TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet
from core.search import one_of, with_words
from deals.choices import Outcome, Word
from interviews.choices import Channel

# A fact that was taken back frees its external id, so that the other system may send it again, corrected.
LIVE_EXTERNAL_ID = ~Q(external_id="") & Q(retracted_at__isnull=True)


class DealRowQuerySet(WorkspaceQuerySet[ModelT_co]):
    """Rows that stand for a deal each, with its id, its workspace and its owner, by who may see the deal."""

    def visible_to(self, membership: Any) -> Self:
        """Give a rep's own and shared deals, a manager's team's, all to sales ops, none to an admin."""
        deals = self.filter(workspace_id=membership.workspace_id)
        if membership.role == Role.DESIGNER:
            return deals
        if membership.role == Role.MANAGER:
            team = Membership.objects.filter(Q(team__manager=membership) | Q(pk=membership.pk))
            return deals.filter(one_of(team.order_by().values("pk"), "owner"))
        if membership.role == Role.REP:
            shared = Deal.shared_with.through.objects.filter(membership_id=membership.pk).values("deal_id")
            return deals.filter(Q(owner=membership) | Q(one_of(shared)))
        return deals.none()


class DealQuerySet(DealRowQuerySet["Deal"]):
    """Deals, by who may see them and how they stand."""

    def open(self) -> Self:
        """Give the deals that have not ended."""
        return self.filter(outcome=Outcome.OPEN)

    def beside_alignment(self) -> Self:
        """Join the alignment rows by their workspace too, with which their indexes begin."""
        return self.filter(alignment__workspace=F("workspace"))

    def named(self, text: str, *, alone: bool = False) -> Self:
        """Give the deals whose name, account or id in the other system has words that begin like all of these.

        `alone` says that nothing else narrows or orders them for which there is an index.
        """
        columns = "name", "account", "external_id"
        return with_words(self, text, *columns, function="deals_words", among=None if alone else Deal.objects.all())


class Deal(WorkspaceModel, TimestampedModel):
    """A customer's purchase under way, pinned to one version of a process."""

    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=160)
    account = models.CharField(max_length=160, blank=True)
    owner = models.ForeignKey(
        "accounts.Membership", null=True, blank=True, on_delete=models.SET_NULL, related_name="deals"
    )
    owner_name = models.CharField("owner in the CRM", max_length=160, blank=True)
    shared_with = models.ManyToManyField("accounts.Membership", blank=True, related_name="shared_deals")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    segment = models.ForeignKey(
        "interviews.Segment", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.ForeignKey(
        "buying_process.Version", null=True, blank=True, on_delete=models.PROTECT, related_name="deals"
    )
    stage = models.ForeignKey("buying_process.Stage", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    channels = ArrayField(models.CharField(max_length=12, choices=Channel.choices), default=list, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    opened_at = models.DateTimeField("opened")
    closed_at = models.DateTimeField("closed", null=True, blank=True)
    last_signal_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceManager.from_queryset(DealQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"], condition=~Q(external_id=""), name="deals_deal_external_id"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="deals_amount_not_negative",
                violation_error_message="An amount is 0 or more.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="deals_closed_after_opened",
                violation_error_message="A deal closes after it was opened.",
            ),
        ]
        indexes = [
            # The order that most lists begin in, with what they are narrowed by.
            models.Index(
                fields=["workspace", "outcome", "opened_at", "id"],
                include=["owner", "segment", "version", "stage"],
                name="deals_by_outcome_and_opening",
            ),
            models.Index(fields=["workspace", "opened_at", "id"], name="deals_by_opening"),
            models.Index(fields=["workspace", "name", "id"], name="deals_by_name"),
            models.Index(fields=["workspace", "amount", "id"], name="deals_by_amount"),
            models.Index(fields=["owner", "outcome"], name="deals_by_owner"),
            # What the board counts and sums up, without a look at the deals themselves.
            models.Index(
                fields=["workspace", "version", "stage"],
                include=["id", "owner", "amount"],
                name="deals_open_by_stage",
                condition=Q(outcome=Outcome.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("deals:deal", args=[self.pk])


class Fact(WorkspaceModel):
    """Something that happened on a deal: when, who logged it, and whether it was taken back."""

    occurred_at = models.DateTimeField("when")
    note = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey("accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    external_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retracted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class StageEvent(Fact):
    """The rep logged a stage; any stage to any stage. One that was taken back no longer counts."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="stage_events")
    from_stage = models.ForeignKey(
        "buying_process.Stage", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_stage = models.ForeignKey("buying_process.Stage", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "external_id"], condition=LIVE_EXTERNAL_ID, name="deals_stage_event_external_id"
            )
        ]
        indexes = [models.Index(fields=["deal", "-occurred_at"], name="deals_stage_events_in_order")]

    def __str__(self) -> str:
        return f"{self.deal} to {self.to_stage}"


class OutcomeEvent(Fact):
    """The deal ended, or was opened again: by whom and when."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="outcome_events")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)

    class Meta:
        ordering = ["-occurred_at", "-id"]
        indexes = [models.Index(fields=["deal", "-occurred_at"], name="deals_outcomes_in_order")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.get_outcome_display()}"


class Signal(Fact):
    """A customer activity seen on a deal, with whose word it is."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="signals")
    activity = models.ForeignKey("buying_process.StageActivity", on_delete=models.PROTECT, related_name="+")
    word = models.CharField("whose word", max_length=10, choices=Word.choices)

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "external_id"], condition=LIVE_EXTERNAL_ID, name="deals_signal_external_id"
            )
        ]
        indexes = [models.Index(fields=["deal", "occurred_at", "id"], name="deals_signals_in_order")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.activity}"


class Effort(Fact):
    """Something that we did on a deal."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="efforts")
    activity = models.ForeignKey("buying_process.StageActivity", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "external_id"], condition=LIVE_EXTERNAL_ID, name="deals_effort_external_id"
            )
        ]
        indexes = [models.Index(fields=["deal", "-occurred_at"], name="deals_efforts_in_order")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.activity}"


class NeedMet(Fact):
    """A stage's need settled on a deal: exit evidence by somebody's word, information on a channel."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="needs_met")
    need = models.ForeignKey("buying_process.StageNeed", on_delete=models.PROTECT, related_name="+")
    word = models.CharField("whose word", max_length=10, choices=Word.choices)
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name_plural = "needs met"
        indexes = [models.Index(fields=["deal"], name="deals_needs_met_by_deal")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.need}"


class Contact(WorkspaceModel, TimestampedModel):
    """A person on the customer's side, the role they play in buying, and whether they are engaged."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    role = models.ForeignKey("interviews.Code", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    engaged = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
