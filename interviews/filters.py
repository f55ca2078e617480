"""Filters of the API's lists."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from core import api_fields
from core.api_filters import MomentFilter, by_id
from interviews.choices import Job, Kind, PurchaseOutcome
from interviews.models import Code, Interview


class DayFormField(forms.Field):
    """A day, as RFC 3339 writes it and no other way."""

    def to_python(self, value: Any) -> Any:
        """Read the day."""
        if value in self.empty_values:
            return None
        try:
            return api_fields.DateField().run_validation(value)
        except api_fields.ValidationError as error:
            raise ValidationError("Send a day such as 2026-03-31.", code="invalid") from error


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]  # django-filter carries no hints
    """Rows before or after a day."""

    field_class = DayFormField


class CodeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter carries no hints
    """Codes by kind, buying job, name and when they were changed."""

    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    job = django_filters.ChoiceFilter(choices=Job.choices)
    name = django_filters.CharFilter(lookup_expr="iexact")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model: Any = Code
        fields: tuple[str, ...] = ()


class InterviewFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter carries no hints
    """Interviews by outcome, segment, external id, customer, date and when they were changed."""

    outcome = django_filters.ChoiceFilter(choices=PurchaseOutcome.choices)
    segment = django_filters.CharFilter(method=by_id)
    external_id = django_filters.CharFilter()
    customer = django_filters.CharFilter(lookup_expr="iexact")
    held_after = DayFilter(field_name="held_on", lookup_expr="gte")
    held_before = DayFilter(field_name="held_on", lookup_expr="lt")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model: Any = Interview
        fields: tuple[str, ...] = ()
