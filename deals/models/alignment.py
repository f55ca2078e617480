"""How well we are aligned: a deal's score, what it is computed from, and the work of computing many."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf

from core.models import WorkspaceManager, WorkspaceModel, unchecked_key
from deals.choices import APART, CIRCLES_FROM, MAX_ATTEMPTS
from deals.models.deals import Deal, DealRowQuerySet


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


class AlignmentQuerySet(DealRowQuerySet["Alignment"]):
    """Scores, by who may see their deals."""

    def open(self) -> Self:
        """Give those of the deals that have not ended."""
        return self.filter(is_open=True)


class Alignment(models.Model):
    """How well we are aligned on one deal. Stale while `scored_version` is behind `inputs_version`.

    Triggers of the database raise `inputs_version` in the transaction of any change that the score depends on, and keep
    the deal's owner, version, stage and whether it is open, so that many are counted and ranked without their deals.
    Probabilities and shares are 0 to 1, the score is 0 to 100.
    """

    deal = models.OneToOneField(Deal, primary_key=True, on_delete=models.CASCADE, related_name="alignment")
    # every index of the lists begins with it
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    owner = unchecked_key("accounts.Membership", null=True)  # the deal's is looked up, and so are the next two
    version = unchecked_key("buying_process.Version", null=True)
    stage = unchecked_key("buying_process.Stage", null=True)
    is_open = models.BooleanField(default=True)
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

    objects = WorkspaceManager.from_queryset(AlignmentQuerySet)()

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
            models.Index(
                fields=["workspace", "score", "deal"], include=["likely_stage"], name="deals_by_score_and_place"
            ),
            models.Index(fields=["workspace", "gap", "deal"], name="deals_by_gap"),
            models.Index(F("workspace"), F("outlook__0"), F("deal"), name="deals_by_outlook"),
            models.Index(
                F("workspace"),
                F("returns_seen") / NullIf(F("returns_expected"), Value(0.0)),
                F("deal"),
                name="deals_by_chaos",
            ),
            # What the board ranks and the team's page counts.
            models.Index(
                fields=["workspace", "version", "stage", "score", "deal"],
                include=["owner", "likely_stage", "gap", "reason"],
                name="deals_standing",
                condition=Q(is_open=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.score}"

    @property
    def is_stale(self) -> bool:
        """Tell whether the deal has changed since it was scored."""
        return self.scored_version < self.inputs_version

    @property
    def is_given_up(self) -> bool:
        """Tell whether the score could not be computed and is not tried again before somebody says *Retry*."""
        return self.is_stale and self.attempts >= MAX_ATTEMPTS

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
