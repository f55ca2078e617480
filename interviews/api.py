"""Codes and interviews over the API. A token acts as its member: designers write, managers read."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import member_of
from accounts.idempotency import IdempotentPosts
from core.api import OrderingFilter
from core.api_filters import StrictFilterBackend
from core.identifiers import number_of
from core.models import no_rows
from interviews import policies, services
from interviews.filters import CodeFilter, InterviewFilter
from interviews.models import Code, Interview
from interviews.selectors import rows
from interviews.serializers import CodeSerializer, InterviewSerializer


@extend_schema_view(list=extend_schema(summary="The codebook"), retrieve=extend_schema(summary="One code"))
class CodeViewSet(IdempotentPosts, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Code]):
    """What customers tell of."""

    serializer_class = CodeSerializer
    lookup_value_regex = "[^/]+"
    filter_backends = (StrictFilterBackend, OrderingFilter)
    filterset_class = CodeFilter
    ordering_fields = ("name", "created_at", "updated_at")
    ordering = ("-id",)
    may_read = policies.reads_interviews
    may_write = policies.edits_interviews

    def get_queryset(self) -> QuerySet[Code]:
        """Give what the token's member may see."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(Code)
        return rows.codes(member_of(self.request))

    def get_object(self) -> Code:
        """Find the code of the address."""
        found = self.get_queryset().filter(pk=number_of(self.kwargs["pk"])).first()
        if found is None:
            raise Http404
        return found

    @extend_schema(summary="Add a code")
    def create(self, request: Request) -> Response:
        """Add a code; one of this kind and name that is there already is a conflict."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        code = services.code_create(actor=member_of(request), **serializer.validated_data)
        return Response(self.get_serializer(code).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a code")
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are named."""
        code = self.get_object()
        serializer = self.get_serializer(code, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.code_update(code=code, actor=member_of(request), **serializer.validated_data)
        return Response(self.get_serializer(code).data)


@extend_schema_view(list=extend_schema(summary="Interviews"), retrieve=extend_schema(summary="One interview"))
class InterviewViewSet(IdempotentPosts, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Interview]):
    """What a customer told us, with its timeline."""

    serializer_class = InterviewSerializer
    lookup_value_regex = "[^/]+"
    filter_backends = (StrictFilterBackend, OrderingFilter)
    filterset_class = InterviewFilter
    ordering_fields = ("held_on", "customer", "created_at", "updated_at")
    ordering = ("-id",)
    may_read = policies.reads_interviews
    may_write = policies.edits_interviews

    def get_queryset(self) -> QuerySet[Interview]:
        """Give what the token's member may see, with answers and moments: three queries a page."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(Interview)
        return rows.told_interviews(member_of(self.request))

    def get_object(self) -> Interview:
        """Find the interview of the address."""
        return self._found(number_of(self.kwargs["pk"]))

    def _found(self, pk: int) -> Interview:
        found = self.get_queryset().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    @extend_schema(
        summary="Record an interview, or bring the one of the same external_id up to date",
        responses={201: InterviewSerializer, 200: InterviewSerializer},
    )
    def create(self, request: Request) -> Response:
        """Record an interview; with an external_id that is known, change that interview."""
        known = self._known(request)
        serializer = self.get_serializer(known, data=request.data, partial=known is not None)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        external_id = values.pop("external_id", "")
        made, is_new = services.interview_put(actor=member_of(request), external_id=external_id, told=_told(values))
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.get_serializer(self._found(made.pk)).data, status=code)

    @extend_schema(summary="Change an interview")
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are named; answers by their question, moments all at once."""
        found = self.get_object()
        serializer = self.get_serializer(found, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.interview_change(
            interview=found, actor=member_of(request), told=_told(dict(serializer.validated_data))
        )
        return Response(self.get_serializer(self._found(found.pk)).data)

    def _known(self, request: Request) -> Interview | None:
        data: Any = request.data
        external_id = data.get("external_id") if isinstance(data, dict) else None
        if not isinstance(external_id, str) or not external_id.strip() or "\x00" in external_id:
            return None
        return rows.interviews(member_of(request)).filter(external_id=external_id.strip()).first()


def _told(values: dict[str, Any]) -> services.Told:
    """Part what was sent: facts, segment, answers, moments."""
    answers, moments = values.pop("answers", None), values.pop("moments", None)
    segment = (values.pop("segment") or "") if "segment" in values else None
    return services.Told(
        segment=segment,
        answers=None if answers is None else [(row["question"]["position"], row["text"]) for row in answers],
        moments=None
        if moments is None
        else [(row["code_id"], row.get("happened_on"), row.get("together", False)) for row in moments],
        facts=values,
    )


# prefix, view set, basename: what salesflow.api registers
router_entries = [
    ("codes", CodeViewSet, "code"),
    ("interviews", InterviewViewSet, "interview"),
]
