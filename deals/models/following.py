"""How people keep an eye on deals: lists that they saved."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet


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
