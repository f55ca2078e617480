"""Single facts of a deal, by what an address names."""

from typing import Any

from django.db.models import Q, QuerySet

from buying_process.choices import Actor, Need
from buying_process.models import Stage, StageActivity, StageNeed
from core.identifiers import number_of
from deals.choices import FactKind
from deals.models import Contact, Deal, Effort, Fact, NeedMet, Signal, StageEvent
from deals.selectors.overlap import stage_map
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


def _process_id(deal: Deal) -> int | None:
    return deal.version.process_id if deal.version else None


def stages_in_process(deal: Deal) -> QuerySet[Stage]:
    """Give the stages of all versions of the deal's process: a page may be older than the deal's version."""
    return Stage.objects.filter(version__process=_process_id(deal))


def activity_in_process(deal: Deal, text: str, *, ours: bool) -> StageActivity | None:
    """Find an activity of the deal's process, of whichever version a page was made with."""
    rows = StageActivity.objects.filter(stage__version__process=_process_id(deal), pk=number_of(text))
    rows = rows.exclude(actor=Actor.CUSTOMER) if ours else rows.filter(actor=Actor.CUSTOMER)
    return rows.select_related("stage__version").first()


def need_in_process(deal: Deal, text: str) -> StageNeed | None:
    """Find an evidence or an information of the deal's process, of whichever version a page was made with."""
    rows = StageNeed.objects.filter(stage__version__process=_process_id(deal), pk=number_of(text))
    return rows.filter(kind__in=[Need.EVIDENCE, Need.INFORMATION]).select_related("stage__version").first()


def stage_as_it_is_now(stage: Stage, deal: Deal) -> Stage | None:
    """Give the stage that stands for this one in the deal's version; None where it is of another process."""
    if stage.version_id == deal.version_id:
        return stage
    if deal.version_id is None or stage.version.process_id != _process_id(deal):
        return None
    return stage_map(stage.version_id, deal.version_id).get(stage.pk)


def activity_as_it_is_now(activity: StageActivity, deal: Deal) -> StageActivity | None:
    """Give the same activity in the deal's version, to which a publication may have moved the deal a moment ago."""
    if activity.stage.version_id == deal.version_id:
        return activity
    same = Q(code_id=activity.code_id) if activity.code_id else Q(code=None, name=activity.name)
    there = StageActivity.objects.filter(same, actor=activity.actor, stage__version=deal.version_id)
    there = there.filter(stage__version__process=activity.stage.version.process_id)
    return there.select_related("stage").order_by("pk").first()


def need_as_it_is_now(need: StageNeed, deal: Deal) -> StageNeed | None:
    """Give the same need in the deal's version, as scoring tells needs apart: by kind, name and channel."""
    if need.stage.version_id == deal.version_id:
        return need
    there = StageNeed.objects.filter(stage__version=deal.version_id, kind=need.kind, channel=need.channel)
    there = there.filter(name__iexact=need.name, stage__version__process=need.stage.version.process_id)
    return there.select_related("stage").order_by("stage__position", "pk").first()


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


def contacts_waiting(deal: Deal, role_id: int) -> list[Contact]:
    """Give the people who are known in a role and do not take part yet. One query."""
    return list(Contact.objects.filter(deal=deal, role=role_id, engaged=False))
