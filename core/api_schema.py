"""The schema of the API: what drf-spectacular finds, with our errors and headers on every operation."""

from typing import Any, Literal

from drf_spectacular.generators import SchemaGenerator as BaseSchemaGenerator
from drf_spectacular.openapi import AutoSchema as BaseAutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core import api_fields, scope
from core.parsers import LinesParser

IDEMPOTENCY_HEADER = "Idempotency-Key"
ERRORS = {
    "400": "The request is malformed: it does not fit this schema.",
    "401": "No token, or one that is unknown, revoked or expired.",
    "403": "The token's role may not do this.",
    "404": "There is no such thing, or the token may not see it.",
    "406": "The answer is JSON, and the Accept header wants none.",
    "409": "The request is well formed; a rule, or what is there already, refuses it.",
    "413": "More than one request may carry.",
    "415": "The body is of another content type or encoding.",
    "429": "Too many requests: wait as long as Retry-After says.",
    "503": "The database does not answer: send the same again after Retry-After.",
}
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
REPLAYED = {"description": "`true` where an answer is given again.", "schema": {"type": "string", "enum": ["true"]}}
NO_WORKSPACE = 0
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class ErrorItemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong."""

    code = serializers.CharField(help_text="A stable word for programs.")
    detail = serializers.CharField(help_text="A sentence for people.")
    attr = serializers.CharField(allow_null=True, help_text="The field or parameter that it concerns.")


class ErrorSerializer(serializers.Serializer[Any]):
    """Every answer of 400 and above."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorItemSerializer(many=True)  # type: ignore[assignment]  # a name of the answer, hiding nothing that is used


class SchemaGenerator(BaseSchemaGenerator):
    """Generates with no workspace's rows in reach."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:  # noqa: FBT001, FBT002  as the library calls it
        """Give the schema."""
        with scope.in_workspace(NO_WORKSPACE):
            return super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]  # carries no hints


class AutoSchema(BaseAutoSchema):
    """Describes an operation with the errors it may answer and the headers it understands."""

    def get_override_parameters(self) -> list[Any]:
        """Name the idempotency header of a POST."""
        parameters = list(super().get_override_parameters())
        if self.method == "POST" and getattr(self.view, "is_idempotent", False):
            parameters.append(
                OpenApiParameter(
                    IDEMPOTENCY_HEADER,
                    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
                    OpenApiParameter.HEADER,
                    description=(
                        "Any text of yours. For 24 hours the same key with the same request is done once: "
                        "what was answered is answered again, with `Idempotent-Replayed: true`."
                    ),
                )
            )
        return parameters

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """Ids are opaque strings, whatever they are inside."""
        return [{"in": "path", "name": name, "required": True, "schema": {"type": "string"}} for name in variables]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        responses = super()._get_response_bodies(direction=direction)
        if direction != "response":
            return responses
        for code in self._error_codes():
            if code not in responses:
                described = OpenApiResponse(ErrorSerializer, description=ERRORS[code])
                responses[code] = self._get_response_for_code(described, code)  # type: ignore[no-untyped-call]  # the same
        for code, response in responses.items():
            self._add_headers(code, response)
        return dict(sorted(responses.items()))

    def _error_codes(self) -> list[str]:
        codes = {"401", "403", "406", "429", "503"}
        parameters = self._get_parameters()
        if self.method in WRITES:
            codes |= {"400", "409", "413", "415"}
        if any(parameter["in"] == "query" for parameter in parameters):
            codes |= {"400"}
        if self.is_paged() or any(parameter["in"] == "path" for parameter in parameters):
            codes |= {"404"}
        return sorted(codes)

    def is_paged(self) -> bool:
        """Tell whether the operation answers in pages."""
        return self._get_paginator() is not None  # type: ignore[no-untyped-call]  # the same

    def _add_headers(self, code: str, response: dict[str, Any]) -> None:
        if code in {"409", "429", "503"}:
            response.setdefault("headers", {})["Retry-After"] = RETRY_AFTER
        if code[0] == "2" and self.method == "POST" and getattr(self.view, "is_idempotent", False):
            response.setdefault("headers", {})["Idempotent-Replayed"] = REPLAYED

    def _get_request_body(self, direction: str = "request") -> Any:
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # the same
        if body and any(isinstance(parser, LinesParser) for parser in self.view.get_parsers()):
            body["required"] = True
        return body

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        if not isinstance(field, api_fields.CurrencyField):  # which says all of it itself
            super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]  # the same

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:  # noqa: FBT001, FBT002  as the library calls it
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]  # the same
        if isinstance(field, api_fields.CurrencyField):
            return {"type": "string", "pattern": api_fields.CURRENCY}
        if isinstance(field, serializers.ListSerializer) and getattr(field, "max_length", None) is not None:
            schema["maxItems"] = field.max_length  # type: ignore[attr-defined]  # which the stubs forget
        if direction == "response" and getattr(field, "is_null_in_answers", False):
            return schema | {"nullable": True}
        if direction != "request" or "$ref" in schema:
            return schema
        if isinstance(field, api_fields.DecimalField):
            whole, parts = field.max_whole_digits, field.decimal_places
            sign = "" if field.min_value is not None and field.min_value >= 0 else "-?"
            digits = f"{{1,{whole}}}" if whole else "+"
            schema["pattern"] = f"^{sign}[0-9]{digits}(\\.[0-9]{{1,{parts}}})?$"
            schema.pop("format", None)
        elif isinstance(field, serializers.CharField) and schema.get("type") == "string" and _needs_ink(field):
            schema.setdefault("pattern", api_fields.INK)
        return schema


def _needs_ink(field: serializers.CharField) -> bool:
    """Tell whether blanks alone are no value of a field. Addresses and such have patterns of their own."""
    is_plain = isinstance(field, api_fields.CharField) or type(field) is serializers.CharField
    return is_plain and not field.allow_blank and field.trim_whitespace
