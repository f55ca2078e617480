"""How people keep an eye on deals: lists that they saved, alerts that they want, mails that went out."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet
from deals.choices import AlertKind


class ListViewQuerySet(WorkspaceQuerySet["ListView"]):
    """Saved views, by who may use them."""

    def visible_to(self, membership: Any) -> Self:
        """Give a person's own views and those that are shared, without the deleted ones."""
        mine = Q(owner_id=membership.pk) | Q(is_shared=True)
        return self.filter(mine, workspace_id=membership.workspace_id, deleted_at__isnull=True)


class ListView(WorkspaceModel, TimestampedModel):
    """Filters and order of the list of deals, kept under a name."""

    owner = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600, blank=True)
    is_shared = models.BooleanField("everybody here may use it", default=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceManager.from_queryset(ListViewQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                condition=Q(deleted_at__isnull=True),
                name="deals_list_view_name",
                violation_error_message="You have a view of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('deals:list')}?view={self.pk}{'&' if self.query else ''}{self.query}"


class UsualView(WorkspaceModel):
    """The view that a person's list opens with."""

    membership = models.OneToOneField(
        "accounts.Membership", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    view = models.ForeignKey(ListView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.view} for {self.membership}"


class Alert(WorkspaceModel):
    """Something about an open deal that its owner should know, from when it rose until it cleared."""

    deal = models.ForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=8, choices=AlertKind.choices)
    raised_at = models.DateTimeField(db_default=Now())
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "kind"], condition=Q(cleared_at__isnull=True), name="deals_alert_stands_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.get_kind_display()}"


class AlertChoice(WorkspaceModel):
    """Which alerts a person wants, and whether by mail; whoever never chose wants them all."""

    membership = models.OneToOneField(
        "accounts.Membership", primary_key=True, on_delete=models.CASCADE, related_name="alert_choice"
    )
    ahead = models.BooleanField(default=True)
    silent = models.BooleanField(default=True)
    circles = models.BooleanField(default=True)
    digest = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"alerts for {self.membership}"

    @property
    def kinds(self) -> list[str]:
        """Give the kinds that are wanted."""
        return [kind for kind in AlertKind.values if getattr(self, kind)]


class Digest(WorkspaceModel):
    """A mail of alerts to a person on a day of theirs: the row comes before the mail, so that none goes out twice."""

    membership = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    created_at = models.DateTimeField(db_default=Now())
    alerts = models.PositiveIntegerField()

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["membership", "on"], name="deals_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.membership} on {self.on}"
