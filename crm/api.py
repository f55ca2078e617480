"""Bulk requests: many deals or signals as JSON lines."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policies
from accounts.authentication import member_of
from accounts.idempotency import IdempotentPosts
from core.api import query_error, refuse_unknown_parameters
from core.parsers import LinesParser
from crm.serializers import (
    BulkResultSerializer,
    DealLineSerializer,
    SignalLineSerializer,
    deal_reader,
    signal_reader,
)
from crm.services.bulk import lines_load
from deals.services.loading import LoadResult, deals_load
from deals.services.signal_loading import signals_load

ATOMIC = OpenApiParameter(
    "atomic",
    {"type": "string", "enum": ["true", "false"], "default": "false"},
    description="`true`: where a line fails nothing is written and the answer is 409. Else the lines that hold are.",
)
LINES = """
The body is JSON lines (`application/x-ndjson`), also gzipped (`Content-Encoding: gzip`): up to 100,000 lines, 30 MB as
sent, 128 MB unpacked, 64 KB a line. All lines that hold are written in one transaction; each line that fails is
answered with its number, its field and the reason. Whatever cannot be read to its end writes nothing.
"""


def _body(line: Any) -> dict[str, Any]:
    return {
        "application/x-ndjson": {
            "type": "string",
            "minLength": 1,
            "description": f"One JSON object a line, each a {line.__name__.removesuffix('Serializer')}.",
        }
    }


class BulkView(IdempotentPosts):
    """What both kinds of lines share."""

    parser_classes = (LinesParser,)
    may_write: policies.Policy = policies.works_on_deals
    may_read: policies.Policy = policies.works_on_deals

    def load(self, request: Request, read: Callable[[bytes], Any], load: Callable[..., LoadResult]) -> Response:
        """Load the request's lines."""
        refuse_unknown_parameters(request, self, {"atomic"})
        atomic = request.query_params.get("atomic", "false")
        if atomic not in {"true", "false"}:
            raise query_error("atomic", "Say true or false.")
        lines: Any = request.data
        if not isinstance(lines, Iterator):
            raise ParseError("Send at least one line, with a Content-Length.")
        actor = member_of(request)
        result = lines_load(
            lines=lines,
            read=read,
            load=lambda rows: load(rows=rows, actor=actor),
            all_or_nothing=atomic == "true",
        )
        return Response(BulkResultSerializer(result).data)


class BulkSignals(BulkView):
    """Signals as JSON lines."""

    @extend_schema(
        operation_id="bulk_signals",
        summary="Log many signals",
        description=f"{LINES}\nA line with an `external_id` that the deal knows changes nothing when it says the same.",
        parameters=[ATOMIC],
        request=_body(SignalLineSerializer),
        responses={200: BulkResultSerializer},
    )
    def post(self, request: Request) -> Response:
        """Log one signal a line, on deals that the token may see."""
        return self.load(request, signal_reader(), signals_load)


class BulkDeals(BulkView):
    """Deals as JSON lines."""

    may_write: policies.Policy = policies.is_designer

    @extend_schema(
        operation_id="bulk_deals",
        summary="Bring in many deals",
        description=f"{LINES}\nA deal is known by its `external_id`: a line makes it, or brings it up to date.",
        parameters=[ATOMIC],
        request=_body(DealLineSerializer),
        responses={200: BulkResultSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make or change one deal a line."""
        return self.load(request, deal_reader(member_of(request)), deals_load)


urlpatterns = [
    path("bulk/signals/", BulkSignals.as_view(), name="bulk-signals"),
    path("bulk/deals/", BulkDeals.as_view(), name="bulk-deals"),
]
