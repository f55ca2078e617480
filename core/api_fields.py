"""Fields of the API's serializers: those of the REST framework, taking only what the schema says.

Import it in their place: `from core import api_fields as serializers`. A number is no text, "yes" is no boolean, and a
moment without its offset from UTC is no moment.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.serializers import (
    Field,
    HiddenField,
    JSONField,
    ListField,
    ModelSerializer,
    PrimaryKeyRelatedField,
    ReadOnlyField,
    SerializerMethodField,
    UUIDField,
    ValidationError,
)

__all__ = [
    "BooleanField",
    "CharField",
    "ChoiceField",
    "CurrencyField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DictField",
    "Field",
    "FloatField",
    "HiddenField",
    "HyperlinkedIdentityField",
    "IntegerField",
    "JSONField",
    "ListField",
    "ModelSerializer",
    "PrimaryKeyRelatedField",
    "ReadOnlyField",
    "Serializer",
    "SerializerMethodField",
    "SlugRelatedField",
    "StringRelatedField",
    "URLField",
    "UUIDField",
    "ValidationError",
]
DictField = serializers.DictField
HyperlinkedIdentityField = serializers.HyperlinkedIdentityField
SlugRelatedField = serializers.SlugRelatedField
StringRelatedField = serializers.StringRelatedField
URLField = serializers.URLField
InstanceT = TypeVar("InstanceT")
CURRENCY = r"^([A-Z]{3})?$"
INK = r"[^\s\u001c-\u001f\u0085]"  # Python strips these, and to JavaScript, which reads schemas, not all are blanks
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Serializer(serializers.Serializer[InstanceT]):
    """An object. Inside another it is whole, also where only a part of the outer one is sent."""

    def to_internal_value(self, data: Any) -> Any:
        """Ask an inner object for all that it needs."""
        if self.root is not self and self.root.partial and isinstance(data, Mapping):
            needed = [field for field in self._writable_fields if field.required and field.field_name not in data]
            if needed:
                raise ValidationError({str(field.field_name): ["Send this too."] for field in needed}, code="required")
        return super().to_internal_value(data)


class CharField(serializers.CharField):
    """Text."""

    def to_internal_value(self, data: Any) -> str:
        """Take text alone."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class CurrencyField(CharField):
    """A currency's three letters, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, **kwargs)
        self.validators.append(RegexValidator(CURRENCY, message="Send three capitals, such as “EUR”."))


class IntegerField(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        """Take whole numbers alone."""
        if isinstance(data, bool) or not isinstance(data, int | float) or data != int_or_none(data):
            self.fail("invalid")
        return int(data)


class FloatField(serializers.FloatField):
    """A number."""

    def to_internal_value(self, data: Any) -> float:
        """Take finite numbers alone."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class BooleanField(serializers.BooleanField):
    """True or false."""

    def to_internal_value(self, data: Any) -> Any:
        """Take true and false alone."""
        if data is None and self.allow_null:
            return None
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DecimalField(serializers.DecimalField):
    """A decimal as text, so that no cent is lost on the way."""

    default_error_messages = {"invalid": "Send a decimal as text, such as “1200.50”."}

    def to_internal_value(self, data: Any) -> Decimal:
        """Take decimals in text alone."""
        if not isinstance(data, str) or not DECIMAL.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class DateTimeField(serializers.DateTimeField):
    """A moment with its offset from UTC, as RFC 3339 writes it."""

    default_error_messages = {
        "invalid": "Send a moment with its offset, such as “2026-03-02T09:30:00Z”.",
        "out_of_range": "No calendar holds this moment.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        """Take RFC 3339 alone."""
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            self.fail("invalid")
        try:
            return super().to_internal_value(value.upper())
        except ValidationError as error:
            if error.get_codes() == ["overflow"]:
                self.fail("out_of_range")
            raise


class DateField(serializers.DateField):
    """A day, as RFC 3339 writes it."""

    def to_internal_value(self, value: Any) -> date:
        """Take RFC 3339 alone."""
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class ChoiceField(serializers.ChoiceField):
    """One of the words named."""

    def to_internal_value(self, data: Any) -> Any:
        """Take text alone."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


def int_or_none(data: float) -> int | None:
    """Give a number as a whole one; None where it is infinite or not a number."""
    return int(data) if math.isfinite(data) else None
