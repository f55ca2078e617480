"""Single facts of a deal, by what an address names."""

from typing import Any

from buying_process.choices import Need
from buying_process.models import StageNeed
from core.identifiers import number_of
from deals.choices import FactKind
from deals.models import Contact, Deal, Effort, Fact, NeedMet, Signal, StageEvent

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
    kinds = [Need.EVIDENCE, Need.INFORMATION]
    rows = StageNeed.objects.filter(stage__version=deal.version, kind__in=kinds).select_related("stage")
    return rows.filter(pk=number_of(text)).first()


def contact_of(deal: Deal, contact_id: int) -> Contact | None:
    """Find a person on the deal."""
    return Contact.objects.filter(deal=deal, pk=contact_id).first()
