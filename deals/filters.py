"""Filters of the API's lists."""

from typing import Any

import django_filters

from core.api_filters import MomentFilter, by_id
from deals.choices import Outcome
from deals.models import Deal


class DealFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter carries no hints
    """Deals by outcome, owner, segment, version, stage, external id and when they were opened or changed."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices)
    owner = django_filters.CharFilter(method=by_id)
    segment = django_filters.CharFilter(method=by_id)
    version = django_filters.CharFilter(method=by_id)
    stage = django_filters.CharFilter(method=by_id)
    external_id = django_filters.CharFilter()
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model: Any = Deal
        fields: tuple[str, ...] = ()
