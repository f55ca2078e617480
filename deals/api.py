"""Deals over the API. A token acts as its member: what they may not see is not there."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet
from structlog.contextvars import bind_contextvars

from accounts import policies
from accounts.authentication import member_of
from accounts.choices import Role
from accounts.idempotency import IdempotentPosts
from accounts.models import Membership
from core.api import OrderingFilter
from core.api_filters import StrictFilterBackend
from core.exceptions import ForbiddenError
from core.identifiers import number_of
from core.models import no_rows
from deals import services
from deals.filters import DealFilter
from deals.models import Deal, Effort, Signal, StageEvent
from deals.policies import may_log
from deals.selectors.deals import scored, visible_deals
from deals.selectors.explanation import explain
from deals.selectors.facts import standing_of
from deals.selectors.inputs import inputs_of
from deals.selectors.spoilt import unless_spoilt
from deals.serializers import (
    AlignmentSerializer,
    DealSerializer,
    EffortSerializer,
    SignalSerializer,
    StageEventSerializer,
)


def deals_seen(request: Request) -> QuerySet[Deal]:
    """Give the deals that the token's member may see."""
    return visible_deals(member_of(request))


def deal_or_404(request: Request, deal_id: str) -> Deal:
    """Find a deal that the member may see."""
    rows = deals_seen(request).select_related("version", "stage", "owner__team")
    deal = rows.filter(pk=number_of(deal_id)).first()
    if deal is None:
        raise Http404
    bind_contextvars(deal_id=deal.pk)  # for the line that the log keeps of the request
    return deal


@extend_schema_view(
    list=extend_schema(summary="Deals that you may see"),
    retrieve=extend_schema(summary="One deal"),
)
class DealViewSet(IdempotentPosts, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Deal]):
    """A customer's purchase under way."""

    serializer_class = DealSerializer
    lookup_value_regex = "[^/]+"
    filter_backends = (StrictFilterBackend, OrderingFilter)
    filterset_class = DealFilter
    ordering_fields = ("opened_at", "created_at", "updated_at", "name")
    ordering = ("-id",)
    may_read = may_write = policies.works_on_deals

    def get_queryset(self) -> QuerySet[Deal]:
        """Give what the token's member may see."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(Deal)
        return deals_seen(self.request)

    def get_object(self) -> Deal:
        """Find the deal of the address."""
        return deal_or_404(self.request, self.kwargs["pk"])

    @extend_schema(
        summary="Make a deal, or bring the one of the same external_id up to date",
        responses={201: DealSerializer, 200: DealSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make a deal; with an external_id that is known, change that deal."""
        actor = member_of(request)
        known = self._known(request)
        serializer = self.get_serializer(known, data=request.data, partial=known is not None)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        external_id = values.pop("external_id", "")
        if known is None:
            values.setdefault("opened_at", timezone.now())
            values.setdefault("owner", None if actor.role == Role.DESIGNER else actor)
        if external_id:
            deal, made = services.deal_put(actor=actor, external_id=external_id, **values)
        else:
            deal, made = services.deal_create(actor=actor, **values), True
        bind_contextvars(deal_id=deal.pk)
        code = status.HTTP_201_CREATED if made else status.HTTP_200_OK
        return Response(self.get_serializer(deal).data, status=code)

    @extend_schema(summary="Change a deal")
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are named."""
        deal = self.get_object()
        require_may_log(request, deal)
        serializer = self.get_serializer(deal, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = {name: value for name, value in serializer.validated_data.items() if name != "external_id"}
        services.deal_change(deal=deal, actor=member_of(request), **values)
        return Response(self.get_serializer(deal).data)

    @extend_schema(summary="How well we are aligned on a deal, and why", responses=AlignmentSerializer)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def alignment(self, request: Request, pk: str) -> Response:
        """Give the score with its parts and what would lift it."""
        deal = self.get_object()
        row = scored(deal)
        explanation = unless_spoilt(deal, lambda: explain(inputs_of([deal.pk])[deal.pk], row))
        return Response(AlignmentSerializer(row, context={"explanation": explanation}).data)

    def _known(self, request: Request) -> Deal | None:
        data: Any = request.data
        external_id = data.get("external_id") if isinstance(data, dict) else None
        if not isinstance(external_id, str) or not external_id or "\x00" in external_id:
            return None
        return deals_seen(request).select_related("version", "stage").filter(external_id=external_id).first()


def require_may_log(request: Request, deal: Deal) -> None:
    """Refuse those who may see the deal and may not write to it."""
    if not may_log(member_of(request), deal):
        raise ForbiddenError("You may read this deal, and not change it.")


class FactViewSet(IdempotentPosts, mixins.ListModelMixin, GenericViewSet[Any]):
    """What every list of logged facts shares. What was taken back is left out."""

    filter_backends = ()
    may_read = may_write = policies.works_on_deals
    model: type[Any]

    def get_queryset(self) -> QuerySet[Any]:
        """Give the deal's standing facts."""
        if getattr(self, "swagger_fake_view", False):
            return no_rows(self.model)
        rows = standing_of(self.deal(), self.model)
        return rows if self.model is StageEvent else rows.select_related("activity")

    def deal(self) -> Deal:
        """Find the deal of the address, once."""
        if not hasattr(self, "_deal"):
            self._deal = deal_or_404(self.request, self.kwargs["deal_id"])
        return self._deal

    def create(self, request: Request, deal_id: str) -> Response:
        """Log one fact. With an external_id that is known, the former is taken back and this one stands."""
        deal = self.deal()
        require_may_log(request, deal)
        serializer = self.get_serializer(data=request.data, context=self.get_serializer_context() | {"deal": deal})
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        values["at"] = values.pop("occurred_at", None)
        fact = self.log(deal, member_of(request), values)
        return Response(self.get_serializer(fact).data, status=status.HTTP_201_CREATED)

    def log(self, deal: Deal, actor: Membership, values: dict[str, Any]) -> Any:
        """Call the service of this kind of fact."""
        raise NotImplementedError


@extend_schema_view(
    list=extend_schema(summary="Stages that were logged on a deal"), create=extend_schema(summary="Log a stage")
)
class StageEventViewSet(FactViewSet):
    """The stages that we logged; any stage may follow any other."""

    model = StageEvent
    serializer_class = StageEventSerializer

    def log(self, deal: Deal, actor: Membership, values: dict[str, Any]) -> Any:
        """Log a stage. A program has nobody to ask why it goes back."""
        return services.deal_log_stage(deal=deal, stage=values.pop("to_stage"), actor=actor, asks_why=False, **values)


@extend_schema_view(
    list=extend_schema(summary="What was seen of the customer"), create=extend_schema(summary="Log a buyer signal")
)
class SignalViewSet(FactViewSet):
    """What the customer did, and whose word it is."""

    model = Signal
    serializer_class = SignalSerializer

    def log(self, deal: Deal, actor: Membership, values: dict[str, Any]) -> Any:
        """Log a signal."""
        return services.deal_log_signal(deal=deal, actor=actor, **values)


@extend_schema_view(
    list=extend_schema(summary="What we did on a deal"), create=extend_schema(summary="Log something that we did")
)
class EffortViewSet(FactViewSet):
    """What we did."""

    model = Effort
    serializer_class = EffortSerializer

    def log(self, deal: Deal, actor: Membership, values: dict[str, Any]) -> Any:
        """Log an effort."""
        return services.deal_log_effort(deal=deal, actor=actor, **values)


# prefix, view set, basename: what salesflow.api registers
router_entries = [
    ("deals", DealViewSet, "deal"),
    (r"deals/(?P<deal_id>[^/]+)/stage-events", StageEventViewSet, "deal-stage-event"),
    (r"deals/(?P<deal_id>[^/]+)/signals", SignalViewSet, "deal-signal"),
    (r"deals/(?P<deal_id>[^/]+)/efforts", EffortViewSet, "deal-effort"),
]
