"""Filters of the API's lists that take only what the schema says."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

from core import api_fields
from core.api import query_error
from core.identifiers import number_of


def by_id(queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    """Keep the rows that link to this id."""
    return queryset.filter(**{f"{name}_id": number_of(value)})


class MomentFormField(forms.Field):
    """A moment with its offset from UTC."""

    def to_python(self, value: Any) -> Any:
        """Read RFC 3339; what is out of any calendar's reach counts as malformed."""
        if value in self.empty_values:
            return None
        try:
            return api_fields.DateTimeField().run_validation(value)
        except api_fields.ValidationError as error:
            raise ValidationError(
                "Send a moment with its offset, such as 2026-03-31T09:30:00Z.", code="invalid"
            ) from error


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # django-filter carries no hints
    """Rows before or after a moment."""

    field_class = MomentFormField


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # the same
    """Filters by the view's `filterset_class`; a filter that is there and says nothing is refused."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Name the filters."""
        filterset = getattr(view, "filterset_class", None)
        return [{"name": name} for name in filterset.base_filters] if filterset else []

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Filter; nothing stored has a text with a null character, so nothing matches one."""
        if any("\0" in value for values in request.query_params.lists() for value in values[1]):
            return queryset.none()
        return super().filter_queryset(request, queryset, view)

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        """Look at what was sent before it is read."""
        for name, one in self.get_filterset_class(view, queryset).base_filters.items():
            if request.query_params.get(name) == "" and not isinstance(one, django_filters.CharFilter):
                raise query_error(name, "Say what to filter by, or leave it out.")
        told: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return told
