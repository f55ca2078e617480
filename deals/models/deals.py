"""Deals, what was logged on them, and their alignment. Event rows are append-only: undo retracts, it never deletes."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Membership
from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet, unchecked_key
from core.search import one_of, with_words
from deals.choices import APART, CIRCLES_FROM, MAX_ATTEMPTS, Outcome, Word
from interviews.choices import Channel

# A fact that was taken back frees its external id, so that the other system may send it again, corrected.
LIVE_EXTERNAL_ID = ~Q(external_id="") & Q(retracted_at__isnull=True)


class DealQuerySet(WorkspaceQuerySet["Deal"]):
    """Deals, by who may see them and how they stand."""

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
                name="deals_by_outcome",
            ),
            models.Index(fields=["workspace", "opened_at", "id"], name="deals_by_opening"),
            models.Index(fields=["workspace", "name", "id"], name="deals_by_name"),
            models.Index(fields=["workspace", "amount", "id"], name="deals_by_amount"),
            models.Index(fields=["owner", "outcome"], name="deals_by_owner"),
            # What the board and the team's page count and rank by, without a look at the deals themselves.
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


class SignalPath(WorkspaceModel):
    """A deal's standing signals, packed in the order in which scoring reads them; none for a deal without any.

    Triggers of the database keep it in the transaction of the signals, and end it with the deal; nobody else writes it.
    """

    deal = models.OneToOneField(
        Deal, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="signal_path"
    )
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    path = models.BinaryField()

    def __str__(self) -> str:
        return f"signals of {self.deal}"


class Alignment(models.Model):
    """How well we are aligned on one deal. Stale while `scored_version` is behind `inputs_version`.

    Triggers of the database raise `inputs_version` in the transaction of any change that the score depends on.
    Probabilities and shares are 0 to 1, the score is 0 to 100.
    """

    deal = models.OneToOneField(Deal, primary_key=True, on_delete=models.CASCADE, related_name="alignment")
    # every index of the lists begins with it
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    inputs_version = models.BigIntegerField(default=1)
    scored_version = models.BigIntegerField(default=0)
    urgent = models.BooleanField(default=True)
    stale_since = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    # It and the likely stage are of a published version, which is never deleted.
    fit = unchecked_key("buying_process.Fit", null=True)
    as_of = models.DateTimeField(null=True)
    score = models.FloatField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    position = ArrayField(models.FloatField(), default=list)
    tomorrow = ArrayField(models.FloatField(), default=list)
    likely_stage = unchecked_key("buying_process.Stage", null=True)
    gap = models.FloatField(null=True)
    component_position = models.FloatField(null=True)
    component_evidence = models.FloatField(null=True)
    component_people = models.FloatField(null=True)
    component_information = models.FloatField(null=True)
    component_effort = models.FloatField(null=True)
    outlook = ArrayField(models.FloatField(), default=list)
    moments_left = models.FloatField(null=True)
    days_left = models.FloatField(null=True)
    returns_seen = models.PositiveIntegerField(default=0)
    returns_expected = models.FloatField(default=0.0)
    entropy = models.FloatField(null=True)

    objects = WorkspaceManager.from_queryset(WorkspaceQuerySet)()

    class Meta:
        indexes = [
            models.Index(
                fields=["-urgent", "stale_since", "deal"],
                name="deals_stale",
                condition=Q(scored_version__lt=F("inputs_version")),
            ),
            models.Index(
                fields=["attempts", "deal"],
                name="deals_tried",
                condition=Q(scored_version__lt=F("inputs_version"), attempts__gt=0),
            ),
            # In the orders of the list; `deal` is its tie-breaker.
            # With the score, what the team's page counts and the heat map's cells are narrowed by.
            models.Index(
                fields=["workspace", "score", "deal"],
                include=["likely_stage", "gap", "reason"],
                name="deals_by_score",
            ),
            models.Index(fields=["workspace", "gap", "deal"], name="deals_by_gap"),
            models.Index(F("workspace"), F("outlook__0"), F("deal"), name="deals_by_outlook"),
            models.Index(
                F("workspace"),
                F("returns_seen") / NullIf(F("returns_expected"), Value(0.0)),
                F("deal"),
                name="deals_by_chaos",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.score}"

    @property
    def is_given_up(self) -> bool:
        """Tell whether the score could not be computed and is not tried again before somebody says *Retry*."""
        return self.scored_version < self.inputs_version and self.attempts >= MAX_ATTEMPTS

    @property
    def side(self) -> str:
        """Say where we are against the customer: "ahead", "behind" or "together"; "" where that is not known."""
        if self.gap is None:
            return ""
        return "together" if abs(self.gap) < APART else "ahead" if self.gap > 0 else "behind"

    @property
    def in_circles(self) -> bool:
        """Tell whether they go back much more often than customers do."""
        return self.returns_seen > 1 and self.returns_seen > CIRCLES_FROM * self.returns_expected


class Stretch(WorkspaceModel):
    """Some thousand deals of a job that recomputes many: those with ids above `after` up to `last`.

    Whoever works on it holds a lease; `version` and `moves` say whether the deals go over to another version first.
    """

    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("buying_process.Version", null=True, on_delete=models.CASCADE, related_name="+")
    moves = models.BooleanField(default=False)
    after = models.BigIntegerField()
    last = models.BigIntegerField()
    deals = models.PositiveIntegerField()
    moved = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "stretches"
        indexes = [models.Index(fields=["id"], name="deals_stretches_left", condition=Q(done_at__isnull=True))]

    def __str__(self) -> str:
        return f"deals {self.after + 1} to {self.last} of {self.job}"


class OutlookFit(WorkspaceModel):
    """How a version's deals will end, learned from deals that ended; a numbered fit that never changes.

    Row-major, by n activities and F features: ratios (n + 1, n, 3), coefficients (3, F), intercepts (3,), centre and
    scale (F,). Without numbers, too few deals had ended by then.
    """

    version = models.ForeignKey("buying_process.Version", on_delete=models.CASCADE, related_name="outlook_fits")
    number = models.PositiveIntegerField()
    fit = models.ForeignKey("buying_process.Fit", on_delete=models.CASCADE, related_name="+")
    learned_at = models.DateTimeField()
    won = models.PositiveIntegerField()
    lost = models.PositiveIntegerField()
    no_decision = models.PositiveIntegerField()
    ratios = ArrayField(models.FloatField(), default=list)
    coefficients = ArrayField(models.FloatField(), default=list)
    intercepts = ArrayField(models.FloatField(), default=list)
    centre = ArrayField(models.FloatField(), default=list)
    scale = ArrayField(models.FloatField(), default=list)

    class Meta:
        ordering = ["version", "-number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="deals_outlook_fit_number")]

    def __str__(self) -> str:
        return f"{self.version}, outlook {self.number}"
