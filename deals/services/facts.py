"""Log what happens on a deal. Facts are never changed or deleted: undo takes them back, and can be undone itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypedDict, TypeVar, Unpack

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import Membership
from buying_process.choices import Actor, Need
from buying_process.models import Stage, StageActivity, StageNeed
from core.audit import record
from core.exceptions import ApplicationError
from core.jobs import enqueue
from core.write import create, validated
from deals.choices import Word
from deals.models import Deal, Effort, Fact, NeedMet, OutcomeEvent, Signal, StageEvent
from deals.selectors.facts import activity_as_it_is_now, need_as_it_is_now, stage_as_it_is_now
from deals.services.alignment import DOORBELL
from deals.validators import refuse_after_closing, refuse_impossible_moment

FactT = TypeVar("FactT", StageEvent, Signal, Effort, NeedMet)
# What a fact is about, what reads along with it, and how to find the same in the version that its deal goes by now.
ABOUT: dict[type[Fact], tuple[str, str, Callable[[Any, Deal], Any]]] = {
    StageEvent: ("to_stage", "to_stage__version", stage_as_it_is_now),
    Signal: ("activity", "activity__stage__version", activity_as_it_is_now),
    Effort: ("activity", "activity__stage__version", activity_as_it_is_now),
}
SAID = ("word", "occurred_at", "note")


class FactDetails(TypedDict, total=False):
    """When a fact happened (now, where nothing is said), a note, and the id that another system knows it by."""

    at: datetime | None
    note: str
    external_id: str


def deal_log_stage(
    *, deal: Deal, stage: Stage, actor: Membership | None, asks_why: bool = True, **details: Unpack[FactDetails]
) -> StageEvent:
    """Log the stage that we are in. A person who moves a deal back says why; a machine has nobody to ask."""
    with transaction.atomic():
        _hold(deal)
        stage = stage_as_it_is_now(stage, deal) or _refuse("stage", "This stage is not part of the deal's process.")
        event = _fact(StageEvent(deal=deal, to_stage=stage), actor, details)
        if known := _known(event):
            return known
        event.from_stage = _stage_at(deal, event.occurred_at)
        if asks_why and event.from_stage and stage.position < event.from_stage.position and not event.note:
            _refuse("note", f"Say why it goes back to “{stage.name}”.")
        _store(event)
        _follow_stage_log(deal)
        record("deal.log_stage", deal, actor=actor, changes={"stage": [event.from_stage, stage]})
        enqueue(DOORBELL)
    return event


def deal_log_signal(
    *, deal: Deal, activity: StageActivity, word: str, actor: Membership | None, **details: Unpack[FactDetails]
) -> Signal:
    """Log that the customer did something, and whose word that is."""
    if word not in Word.values:
        _refuse("word", "Say whose word it is.")
    with transaction.atomic():
        _hold(deal)
        activity = _activity_now(activity, deal)
        signal = _fact(Signal(deal=deal, activity=activity, word=word), actor, details)
        if activity.actor != Actor.CUSTOMER:
            _refuse("activity", "This is something that we do. Log it as our own.")
        if known := _known(signal):
            return known
        _store(signal)
        _follow_signals(deal)
        record("deal.log_signal", deal, actor=actor, changes={"signal": [None, activity.name], "word": [None, word]})
        enqueue(DOORBELL)
    return signal


def deal_log_effort(
    *, deal: Deal, activity: StageActivity, actor: Membership | None, **details: Unpack[FactDetails]
) -> Effort:
    """Log something that we did."""
    with transaction.atomic():
        _hold(deal)
        activity = _activity_now(activity, deal)
        effort = _fact(Effort(deal=deal, activity=activity), actor, details)
        if activity.actor == Actor.CUSTOMER:
            _refuse("activity", "This is something that the customer does. Log it as a signal.")
        if known := _known(effort):
            return known
        _store(effort)
        record("deal.log_effort", deal, actor=actor, changes={"effort": [None, activity.name]})
        enqueue(DOORBELL)
    return effort


def need_meet(
    *,
    deal: Deal,
    need: StageNeed,
    word: str,
    actor: Membership | None,
    channel: str = "",
    **details: Unpack[FactDetails],
) -> NeedMet:
    """Log that exit evidence is settled, or that the customer has an information, on a channel."""
    if word not in Word.values:
        _refuse("word", "Say whose word it is.")
    if need.kind not in {Need.EVIDENCE, Need.INFORMATION}:
        _refuse("need", "Only evidence and information are settled here; roles are filled by contacts.")
    with transaction.atomic():
        _hold(deal)
        need = need_as_it_is_now(need, deal) or _refuse("need", "This is not part of the deal's process.")
        met = _fact(NeedMet(deal=deal, need=need, word=word, channel=channel or need.channel), actor, details)
        _store(met)
        record("deal.meet_need", deal, actor=actor, changes={"need": [None, need.name], "word": [None, word]})
        enqueue(DOORBELL)
    return met


def fact_retract(*, fact: Fact, actor: Membership | None) -> Fact:
    """Take back what was logged; the history keeps it, struck out. Of stage moves only the last can be taken back."""
    return _set_retracted(fact, actor, retracted=True)


def fact_restore(*, fact: Fact, actor: Membership | None) -> Fact:
    """Let a fact count again that was taken back."""
    return _set_retracted(fact, actor, retracted=False)


def _set_retracted(fact: Fact, actor: Membership | None, *, retracted: bool) -> Fact:
    if isinstance(fact, OutcomeEvent) or not isinstance(fact, StageEvent | Signal | Effort | NeedMet):
        _refuse("__all__", "An ending is not taken back: reopen the deal instead.")
    deal = fact.deal
    with transaction.atomic():
        _hold(deal)
        fact.refresh_from_db(fields=["retracted_at"])
        if (fact.retracted_at is not None) == retracted:
            return fact
        if isinstance(fact, StageEvent) and retracted and _last_move(deal) != fact:
            _refuse("__all__", "Only the last move can be taken back. Move the deal instead.")
        if isinstance(fact, StageEvent) and retracted and _came_along(fact):
            _refuse("__all__", "The deal came along to another version of its process. Move the deal instead.")
        fact.retracted_at = timezone.now() if retracted else None
        validated(fact)
        fact.save(update_fields=["retracted_at"])
        if isinstance(fact, StageEvent):
            _follow_stage_log(deal)
        if isinstance(fact, Signal):
            _follow_signals(deal)
        verb = "retract" if retracted else "restore"
        record(f"deal.{verb}_{fact._meta.model_name}", deal, actor=actor, changes={"fact": [str(fact), verb]})
        enqueue(DOORBELL)
    return fact


def _refuse(field: str, sentence: str) -> NoReturn:
    raise ApplicationError(sentence, fields={field: [sentence]})


def _hold(deal: Deal) -> None:
    """Keep others from writing to the deal until we are done, and see how it stands now."""
    held = Deal.objects.select_for_update(no_key=True).select_related(None).get(pk=deal.pk)
    if (held.stage_id, held.version_id) != (deal.stage_id, deal.version_id):
        deal.refresh_from_db(fields=["stage", "version"])
    deal.outcome, deal.closed_at = held.outcome, held.closed_at


def _fact(fact: FactT, actor: Membership | None, details: FactDetails) -> FactT:
    deal = fact.deal
    moment = details.get("at") or timezone.now()
    refuse_impossible_moment(moment)
    refuse_after_closing(outcome=deal.outcome, closed_at=deal.closed_at, moment=moment)
    fact.workspace_id = deal.workspace_id
    fact.actor = actor
    fact.occurred_at = moment
    fact.note = details.get("note", "").strip()
    fact.external_id = details.get("external_id", "")
    return fact


def _store(fact: FactT) -> FactT:
    """Insert a fact. Its workspace is its deal's, and without an id of another system it is like no other."""
    return create(fact, exclude=["workspace"] if fact.external_id else ["workspace", "external_id"])


def _activity_now(activity: StageActivity, deal: Deal) -> StageActivity:
    return activity_as_it_is_now(activity, deal) or _refuse(
        "activity", "This activity is not part of the deal's process."
    )


def _known(fact: FactT) -> FactT | None:
    """Find what another system sent before under the same id.

    The same again changes nothing, also where a person took it back meanwhile. Sent anew with other content, the
    former is taken back and the new one is logged beside it.
    """
    if not fact.external_id:
        return None
    model: Any = type(fact)
    about, along, as_it_is_now = ABOUT[model]
    sent = model.objects.filter(deal=fact.deal, external_id=fact.external_id).select_related(along)
    former = sent.order_by("-pk").first()
    if former is None:
        return None
    same = as_it_is_now(getattr(former, about), fact.deal) == getattr(fact, about)
    if same and all(getattr(former, name, None) == getattr(fact, name, None) for name in SAID):
        return former  # type: ignore[no-any-return]
    if former.retracted_at is None:
        former.retracted_at = timezone.now()
        former.save(update_fields=["retracted_at"])
    return None


def _moves(deal: Deal) -> Any:
    return StageEvent.objects.filter(deal=deal, retracted_at__isnull=True).order_by("-occurred_at", "-pk")


def _last_move(deal: Deal) -> StageEvent | None:
    move: StageEvent | None = _moves(deal).first()
    return move


def _came_along(move: StageEvent) -> bool:
    """Tell whether the deal was moved with its process: without this it would have no stage there."""
    return move.from_stage is not None and move.from_stage.version_id != move.to_stage.version_id


def _stage_at(deal: Deal, moment: datetime) -> Stage | None:
    """Give the stage that was logged at a moment of the version that the deal goes by."""
    here = _moves(deal).filter(occurred_at__lte=moment, to_stage__version_id=deal.version_id)
    move = here.select_related("to_stage").first()
    return move.to_stage if move else None


def _follow_stage_log(deal: Deal) -> None:
    """Have the deal stand where its latest standing move put it."""
    move = _moves(deal).filter(to_stage__version_id=F("deal__version_id")).select_related("to_stage").first()
    deal.stage = move.to_stage if move else None
    deal.save(update_fields=["stage", "updated_at"])


def _follow_signals(deal: Deal) -> None:
    """Keep the moment of the deal's latest standing signal beside the deal."""
    standing = Signal.objects.filter(deal=deal, retracted_at__isnull=True)
    deal.last_signal_at = standing.aggregate(last=Max("occurred_at"))["last"]
    deal.save(update_fields=["last_signal_at", "updated_at"])
