"""Abstract bases of the concrete models above: rows of a workspace, with fail-closed managers."""

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import QuerySet

from core import scope
from core.choices import ImportState

ModelT_co = TypeVar("ModelT_co", bound=models.Model, covariant=True)


class WorkspaceQuerySet(QuerySet[ModelT_co]):
    """Rows of the workspace in context. Subclasses add reusable filters and `visible_to(membership)`."""

    def visible_to(self, membership: Any) -> Self:
        """Give the rows that a member may see; here all of their workspace."""
        return self.filter(workspace_id=membership.workspace_id)


class WorkspaceManager(models.Manager[ModelT_co]):
    """Filters every query by the workspace in context and raises ScopeError where there is none."""

    def get_queryset(self) -> QuerySet[ModelT_co]:
        queryset = super().get_queryset()
        workspace_pk = scope.filter_value()
        return queryset if workspace_pk is None else queryset.filter(workspace_id=workspace_pk)

    def none(self) -> QuerySet[ModelT_co]:
        """Give no rows, which needs no workspace: a form's field names its model before any request."""
        return super().get_queryset().none()


def no_rows(model: type[ModelT_co]) -> QuerySet[ModelT_co]:
    """Give none of a model's rows: what describes the API asks for their kind alone."""
    of_any: Any = model
    rows: QuerySet[ModelT_co] = of_any.objects.none()
    return rows


def unchecked_key(to: str, *, null: bool = False, related_name: str = "+") -> models.ForeignKey[Any, Any]:
    """Name a row that the database does not look up: a look-up for each of very many rows would cost more than they do.

    Whoever uses it says why the row named cannot go before the one that names it, or what happens then.
    """
    return models.ForeignKey(
        to, null=null, on_delete=models.DO_NOTHING, related_name=related_name, db_constraint=False, db_index=False
    )


class TimestampedModel(models.Model):
    """When a row was made and last changed, by the application's clock in UTC."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class WorkspaceModel(models.Model):
    """A row of one workspace. `objects` is scoped and fails closed; forward relations follow the base manager."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")

    objects = WorkspaceManager.from_queryset(WorkspaceQuerySet)()

    class Meta:
        abstract = True


class TableImport(models.Model):
    """A table that people bring in: what its columns mean, and what came of its rows."""

    headers = models.JSONField(default=list, blank=True)
    row_count = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    is_dry_run = models.BooleanField(default=True)
    created_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class RowRefusal(WorkspaceModel):
    """Why a row was refused: its number in the file, the column, what stood there, and the reason."""

    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        abstract = True
