"""What every API view shares: errors in one shape and cursor pages."""

from typing import Any

from drf_standardized_errors.handler import exception_handler as standardized
from rest_framework.exceptions import APIException
from rest_framework.pagination import CursorPagination as BaseCursorPagination
from rest_framework.response import Response

from core.exceptions import ApplicationError


class RefusedByRule(APIException):
    """An ApplicationError as the API shows it."""


def exception_handler(error: Exception, context: Any) -> Response | None:
    """Render every error in drf-standardized-errors' shape, our own included."""
    if isinstance(error, ApplicationError):
        detail: Any = error.fields or error.message
        refused = RefusedByRule(detail, code=error.code)
        refused.status_code = error.status
        error = refused
    return standardized(error, context)


class CursorPagination(BaseCursorPagination):
    """Pages by cursor: constant cost however deep. Newest first unless the view orders otherwise."""

    page_size_query_param = "page_size"
    max_page_size = 500
    ordering = "-id"
