"""Processes and versions over the API. A token acts as its member: what they may not see is not there."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import member_of
from accounts.idempotency import IdempotentPosts
from buying_process import policies, selectors, services
from buying_process.models import Process, Version
from buying_process.serializers import (
    DeriveSerializer,
    ProcessSerializer,
    PublishedSerializer,
    PublishSerializer,
    StartedJobSerializer,
    VersionSerializer,
)
from core.api import OrderingFilter
from core.models import no_rows


@extend_schema_view(
    list=extend_schema(summary="Processes that you may see"), retrieve=extend_schema(summary="One process")
)
class ProcessViewSet(IdempotentPosts, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Process]):
    """How one segment, or everybody, buys, and how we help."""

    serializer_class = ProcessSerializer
    filter_backends = (OrderingFilter,)
    ordering_fields = ("name", "created_at", "updated_at")
    ordering = ("-id",)
    may_read = policies.reads_process
    may_write = policies.shapes_process

    def get_queryset(self) -> QuerySet[Process]:
        """Give what the token's member may see."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(Process)
        return selectors.processes(member_of(self.request)).prefetch_related(None)

    @extend_schema(summary="Make a process", responses={201: ProcessSerializer})
    def create(self, request: Request) -> Response:
        """Make a process; it has no version until one is derived."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        process = services.process_create(actor=member_of(request), **serializer.validated_data)
        return Response(self.get_serializer(process).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a process's name or segment", responses=ProcessSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are named."""
        process = self.get_object()
        serializer = self.get_serializer(process, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = {"name": process.name, "segment": process.segment} | serializer.validated_data
        process = services.process_update(process=process, actor=member_of(request), **values)
        return Response(self.get_serializer(process).data)

    @extend_schema(
        summary="Derive a draft from the interviews",
        request=DeriveSerializer,
        responses={202: StartedJobSerializer},
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def derive(self, request: Request, pk: str) -> Response:
        """Start a job; its result names the version, once it is done."""
        serializer = DeriveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        process = self.get_object()
        job = services.derive_start(process=process, actor=member_of(request), **serializer.validated_data)
        shown = StartedJobSerializer(job, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(summary="A process's versions", responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filter_backends=[])
    def versions(self, request: Request, pk: str) -> Response:
        """Give the versions that you may see, newest first."""
        process = self.get_object()
        rows = version_rows(request).filter(process=process)
        page: Any = self.paginate_queryset(rows)  # type: ignore[arg-type]  # a page of versions under a process
        shown = VersionSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)


@extend_schema_view(
    list=extend_schema(summary="Versions that you may see"), retrieve=extend_schema(summary="One version")
)
class VersionViewSet(IdempotentPosts, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Version]):
    """One shape of a process: a draft, in pilot, live or retired."""

    serializer_class = VersionSerializer
    filter_backends = (OrderingFilter,)
    ordering_fields = ("created_at", "updated_at")
    ordering = ("-id",)
    may_read = policies.reads_process
    may_write = policies.shapes_process

    def get_queryset(self) -> QuerySet[Version]:
        """Give what the token's member may see."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(Version)
        return version_rows(self.request)

    @extend_schema(
        summary="Publish a draft",
        request=PublishSerializer,
        responses={200: PublishedSerializer},
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def publish(self, request: Request, pk: str) -> Response:
        """Make a draft live: fitted and immutable from then on; the version that was live is retired."""
        serializer = PublishSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        version = self.get_object()
        job = services.version_publish(version=version, actor=member_of(request), **serializer.validated_data)
        context = self.get_serializer_context() | {"job": job}
        return Response(PublishedSerializer(self.get_object(), context=context).data)


def version_rows(request: Request) -> QuerySet[Version]:
    """Give versions with all that the API shows of them; six queries however many."""
    return selectors.versions(member_of(request)).prefetch_related(
        "stages__activities", "stages__needs", "transitions", "fits"
    )


router_entries = [("processes", ProcessViewSet, "process"), ("versions", VersionViewSet, "version")]
