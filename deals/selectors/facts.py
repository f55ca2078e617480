"""Single facts of a deal, by what an address names."""

from typing import Any

from django.db.models import QuerySet

from buying_process.choices import Need
from buying_process.models import StageNeed
from buying_process.selectors.contents import needs_of
from core.identifiers import number_of
from deals.choices import FactKind
from deals.models import Contact, Deal, Effort, Fact, NeedMet, Signal, StageEvent
from interviews.models import Code

MODELS: dict[str, Any] = {
    FactKind.STAGE: StageEvent,
    FactKind.SIGNAL: Signal,
    FactKind.EFFORT: Effort,
    FactKind.NEED: NeedMet,
}


def fact_of(deal: Deal, *, kind: str, fact_id: int) -> Fact | None:
    """Find a fact of this deal that can be taken back."""
    model = MODELS.get(kind)
    fact: Fact | None = None if model is None else model.objects.filter(deal=deal, pk=fact_id).first()
    return fact


def need_of(deal: Deal, text: str) -> StageNeed | None:
    """Find an evidence or an information of the deal's version."""
    kinds: list[str] = [Need.EVIDENCE, Need.INFORMATION]
    return needs_of(deal.version, kinds).filter(pk=number_of(text)).first()


def standing_of(deal: Deal, model: Any) -> QuerySet[Any]:
    """Give a deal's facts of a kind that were not taken back."""
    rows: QuerySet[Any] = model.objects.filter(deal=deal, retracted_at__isnull=True)
    return rows


def roles_among(roles: list[Code]) -> QuerySet[Code]:
    """Give these roles as rows to choose from."""
    return Code.objects.filter(pk__in=[role.pk for role in roles])


def contact_of(deal: Deal, contact_id: int) -> Contact | None:
    """Find a person on the deal."""
    return Contact.objects.filter(deal=deal, pk=contact_id).first()
