"""What every API view shares: errors in one shape, ordering, and cursor pages.

400 means that the request itself is malformed: it does not fit the schema. 409 means that it is well formed, and that a
rule or what is there already refuses it.
"""

import base64
import json
import re
from typing import Any

from django.core.exceptions import FieldDoesNotExist, RequestDataTooBig, ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError, models
from django.db.models import Q, QuerySet
from django.http import UnreadablePostError
from drf_standardized_errors.handler import exception_handler as standardized
from rest_framework import exceptions, status
from rest_framework.filters import OrderingFilter as BaseOrderingFilter
from rest_framework.pagination import CursorPagination as BaseCursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from core.exceptions import ApplicationError, TooLargeError
from core.parsers import refuse_half_characters

# Codes of serializers' findings that no schema can tell beforehand: they hang on what is stored.
OF_STATE = {
    "conflict",
    "does_not_exist",
    "null_characters_not_allowed",
    "out_of_range",
    "refused",
    "unique",
    "unknown",
}
# What PostgreSQL says where two requests get in each other's way. A twin that was there before is found earlier.
DEADLOCK, LOCK_TIMEOUT, TWIN = "40P01", "55P03", "23505"


class RefusedByRule(exceptions.APIException):
    """The request is well formed; a rule, or what is there already, refuses it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This does not fit what is there."
    default_code = "refused"


class Busy(RefusedByRule):
    """Somebody else works on the same thing at this moment; the same request may go through a little later."""

    default_detail = "Somebody else is changing the same thing. Try again in a second."
    default_code = "busy"
    wait = 1


class Unavailable(exceptions.APIException):
    """The database is not there, or went away in the middle of the request."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer. Send the same again in a few seconds."
    default_code = "unavailable"
    wait = 5


def exception_handler(error: Exception, context: Any) -> Response | None:
    """Render every error in drf-standardized-errors' shape, our own included."""
    return standardized(_as_api_error(error), context)


def _as_api_error(error: Exception) -> Exception:
    if isinstance(error, ApplicationError):
        return _refusal(error)
    if isinstance(error, RequestDataTooBig):
        return _refusal(TooLargeError("This is more than one request may carry."))
    if isinstance(error, UnreadablePostError):
        return exceptions.ParseError("The request broke off.")
    pgcode = getattr(error.__cause__, "pgcode", "")
    if isinstance(error, OperationalError | IntegrityError) and pgcode in {DEADLOCK, LOCK_TIMEOUT, TWIN}:
        return Busy()
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable()
    if isinstance(error, exceptions.ValidationError) and _codes(error.get_codes()) <= OF_STATE:
        error.status_code = status.HTTP_409_CONFLICT
    return error


def _refusal(error: ApplicationError) -> RefusedByRule:
    fields = {
        api_settings.NON_FIELD_ERRORS_KEY if name == "__all__" else name: messages
        for name, messages in error.fields.items()
    }
    refusal = RefusedByRule(fields or error.message, code=error.code)
    if error.status != status.HTTP_400_BAD_REQUEST:
        refusal.status_code = error.status  # type: ignore[assignment]  # the stubs fix the class's own status
    return refusal


def _codes(found: Any) -> set[str]:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        return set().union(*(_codes(item) for item in found))
    return {str(found)}


def query_error(name: str, sentence: str) -> exceptions.ValidationError:
    """Say that a query parameter is malformed."""
    return exceptions.ValidationError({name: [sentence]}, code="invalid")


def refuse_unknown_parameters(request: Request, view: Any, known: set[str]) -> None:
    """Refuse parameters that a list does not have: a filter with a slip in its name would give every row."""
    for backend in getattr(view, "filter_backends", ()):
        known |= {parameter["name"] for parameter in backend().get_schema_operation_parameters(view)}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise query_error(unknown[0][:80], f"There is no such parameter. There are {', '.join(sorted(known))}.")


class OrderingFilter(BaseOrderingFilter):
    """`ordering` by one of the view's `ordering_fields`, a dash before it for the other way; refuses anything else."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        """Give what the request asks for, or the view's own order."""
        asked = request.query_params.get(self.ordering_param)
        if asked is None:
            return self.get_default_ordering(view)
        if asked not in self._names(view):
            raise query_error(self.ordering_param, f"Order by one of {', '.join(self._names(view))}.")
        return [asked]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Name the orders in the schema."""
        if not self._names(view):
            return []
        return [
            {
                "name": self.ordering_param,
                "in": "query",
                "required": False,
                "description": "The field to order by; a dash before it turns the order round.",
                "schema": {"type": "string", "enum": self._names(view)},
            }
        ]

    @staticmethod
    def _names(view: Any) -> list[str]:
        fields = getattr(view, "ordering_fields", None) or []
        return [sign + name for name in fields for sign in ("", "-")]


class CursorPagination(BaseCursorPagination):
    """Pages by cursor: each row exactly once and at constant cost, however deep and whatever is added meanwhile.

    A cursor holds the last row's values of the fields ordered by, the id last, so that equal values part no page.
    Newest first unless the view orders otherwise. Fields that may be null cannot be ordered by.
    """

    page_size_query_param = "page_size"
    max_page_size = 500
    ordering = "-id"

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Give the rows of the page that the request asks for."""
        refuse_unknown_parameters(request, view, {self.cursor_query_param, self.page_size_query_param})
        self.request, self.address = request, request.build_absolute_uri()
        self.page_size = self.get_page_size(request)
        self.fields = self._fields(queryset, request, view)
        values, backwards = self._cursor(request)
        rows = self._rows(queryset, values, backwards=backwards)
        found = list(rows[: self.page_size + 1])
        more, found = len(found) > self.page_size, found[: self.page_size]
        if backwards:
            found.reverse()
        self.edges = found[:1], found[-1:]
        self.has_next, self.has_previous = (True, more) if backwards else (more, values is not None)
        return found

    def get_page_size(self, request: Request) -> int:
        """Give how many rows a page has; refuses what is no number from 1 to 500."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return int(api_settings.PAGE_SIZE or self.max_page_size)
        if not re.fullmatch(r"[0-9]{1,6}", asked) or not 1 <= int(asked) <= self.max_page_size:
            raise query_error(self.page_size_query_param, f"A page has 1 to {self.max_page_size} rows.")
        return int(asked)

    def get_next_link(self) -> str | None:
        """Give the address of the next page."""
        return self._link(self.edges[1], backwards=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        """Give the address of the page before."""
        return self._link(self.edges[0], backwards=True) if self.has_previous else None

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Name the bounds of a page in the schema."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return parameters

    def _fields(self, queryset: QuerySet[Any], request: Request, view: Any) -> list[tuple[Any, bool]]:
        """Give the fields ordered by, and whether each falls; the id comes last."""
        names = list(self.get_ordering(request, queryset, view))
        if not {"id", "-id", "pk", "-pk"} & set(names):
            names.append("-id" if names[0].startswith("-") else "id")
        found: list[tuple[Any, bool]] = []
        for name in names:
            plain = name.removeprefix("-")
            field = queryset.model._meta.pk if plain in {"id", "pk"} else queryset.model._meta.get_field(plain)
            if not isinstance(field, models.Field) or field.null:
                raise FieldDoesNotExist(f"{name} cannot be paged by.")
            found.append((field, name.startswith("-")))
        return found

    def _cursor(self, request: Request) -> tuple[list[Any] | None, bool]:
        encoded = request.query_params.get(self.cursor_query_param)
        if not encoded:
            return None, False
        try:
            told = json.loads(base64.urlsafe_b64decode(encoded.encode("ascii")))
            refuse_half_characters(told)
            texts, backwards = told["after"], told["back"] is True
            values = [field.to_python(text) for (field, _), text in zip(self.fields, texts, strict=True)]
        except (ValueError, TypeError, KeyError, ValidationError) as error:
            raise exceptions.NotFound(self.invalid_cursor_message) from error
        if any(value is None or (isinstance(value, str) and "\0" in value) for value in values):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return values, backwards

    def _rows(self, queryset: QuerySet[Any], values: list[Any] | None, *, backwards: bool) -> QuerySet[Any]:
        directions = [(field.name, falls != backwards) for field, falls in self.fields]
        rows = queryset.order_by(*(f"{'-' if falls else ''}{name}" for name, falls in directions))
        if values is None:
            return rows
        beyond, equal = Q(), Q()
        for (name, falls), value in zip(directions, values, strict=True):
            beyond |= equal & Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
            equal &= Q(**{name: value})
        return rows.filter(beyond)

    def _link(self, edge: list[Any], *, backwards: bool) -> str | None:
        from rest_framework.utils.urls import replace_query_param

        if not edge:
            return None
        texts = [field.value_to_string(edge[0]) for field, _ in self.fields]
        told = json.dumps({"after": texts, "back": backwards}, separators=(",", ":"))
        encoded = base64.urlsafe_b64encode(told.encode()).decode("ascii")
        return str(replace_query_param(self.address, self.cursor_query_param, encoded))
