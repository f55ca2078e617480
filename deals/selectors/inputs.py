"""What the scores of a batch of deals depend on, read in a constant number of queries."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce, Least, Now

from deals.choices import SETTLING_WORDS, WORD_WEIGHT, Outcome, Word
from deals.models import Contact, Deal, Effort, NeedMet, Signal, StageEvent
from deals.selectors.sheets import Sheet, need_key, role_key, sheets_of

Sheets = Callable[[Collection[int]], dict[int, Sheet]]
EFFORT_DAYS = 30
STANDING = Q(retracted_at__isnull=True)


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as scoring reads it; `column` is None where the deal's version does not know the activity."""

    occurred_at: datetime
    column: int | None
    word: float


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person on their side; `role` is "" where it is not known."""

    id: int
    name: str
    role: str
    engaged: bool


@dataclass(slots=True)
class DealInputs:
    """One deal's inputs, in the terms of its version's sheet."""

    deal_id: int
    workspace_id: int
    sheet: Sheet | None
    stage: int | None
    is_open: bool
    as_of: datetime
    opened_at: datetime
    channels: tuple[str, ...]
    signals: list[SignalRow] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    contacts: list[ContactRow] = field(default_factory=list)
    engaged: set[str] = field(default_factory=set)
    efforts: list[tuple[int, ...]] = field(default_factory=list)

    def known_signals(self) -> list[SignalRow]:
        """Give the signals that the version's fit knows."""
        return [signal for signal in self.signals if signal.column is not None]


def inputs_of(
    deal_ids: Collection[int], *, at: datetime | None = None, with_contacts: bool = False, sheets: Sheets = sheets_of
) -> dict[int, DealInputs]:
    """Read the inputs of some deals, now or as they stood at a moment in the past.

    Six queries (seven for the past), and a few more for each process version not read before. Of the past, whatever
    happened later is left out; contacts carry no date and count as they are. Scoring needs only the roles that
    are engaged; a page may ask for all contacts, and for `sheets` of names alone.
    """
    found = _deals(deal_ids, sheets)
    if at is not None:
        _go_back(found, at)
    _add_signals(found)
    _add_efforts(found, at)
    _add_needs(found)
    if with_contacts:
        _add_contacts(found)
    else:
        _add_roles(found)
    return found


def _clock(closed_at: str) -> Any:
    """Give the moment that a deal is scored for: the database's now, or when the deal ended."""
    return Coalesce(F(closed_at), Now(), output_field=DateTimeField())


def _deals(deal_ids: Collection[int], sheets: Sheets) -> dict[int, DealInputs]:
    rows = list(
        Deal.objects.filter(pk__in=deal_ids)
        .annotate(clock=_clock("closed_at"))
        .values_list("pk", "workspace_id", "version_id", "stage_id", "outcome", "opened_at", "channels", "clock")
    )
    known = sheets({row[2] for row in rows if row[2] is not None})
    found = {}
    for pk, workspace_id, version_id, stage_id, outcome, opened_at, channels, as_of in rows:
        sheet = None if version_id is None else known[version_id]
        stage = sheet.stage_index.get(stage_id) if sheet and stage_id is not None else None
        is_open = outcome == Outcome.OPEN
        found[pk] = DealInputs(pk, workspace_id, sheet, stage, is_open, as_of, opened_at, tuple(channels))
    return found


def _go_back(found: dict[int, DealInputs], at: datetime) -> None:
    """Put each deal to the stage that was logged then, and let only count what had happened."""
    moves = StageEvent.objects.filter(STANDING, deal_id__in=list(found), occurred_at__lte=at)
    stages = dict(moves.order_by("deal_id", "occurred_at", "pk").values_list("deal_id", "to_stage_id"))
    for deal_id, inputs in found.items():
        inputs.as_of, inputs.is_open = min(at, inputs.as_of), False
        inputs.stage = inputs.sheet.stage_index.get(stages.get(deal_id, 0)) if inputs.sheet else None


def _counts(inputs: DealInputs, occurred_at: datetime) -> bool:
    """Tell whether a fact counts: on an ended deal, what came after its end does not."""
    return inputs.is_open or occurred_at <= inputs.as_of


def _add_signals(found: dict[int, DealInputs]) -> None:
    rows = (
        Signal.objects.filter(STANDING, deal_id__in=list(found))
        .order_by("deal_id", "occurred_at", "pk")
        .values_list("deal_id", "occurred_at", "word", "activity__code_id", "activity__name")
    )
    for deal_id, occurred_at, word, code_id, name in rows.iterator(chunk_size=10_000):
        inputs = found[deal_id]
        if inputs.sheet is not None and _counts(inputs, occurred_at):
            column = inputs.sheet.column_of(code_id, name)
            inputs.signals.append(SignalRow(occurred_at, column, WORD_WEIGHT[Word(word)]))


def _add_efforts(found: dict[int, DealInputs], at: datetime | None) -> None:
    clock = (
        Least(Value(at, output_field=DateTimeField()), _clock("deal__closed_at")) if at else _clock("deal__closed_at")
    )
    since = clock - timedelta(days=EFFORT_DAYS)
    rows = Effort.objects.filter(STANDING, deal_id__in=list(found), occurred_at__gt=since)
    for deal_id, occurred_at, name in rows.values_list("deal_id", "occurred_at", "activity__name"):
        inputs = found[deal_id]
        if inputs.sheet is not None and _counts(inputs, occurred_at):
            inputs.efforts.append(inputs.sheet.ours_by_name.get(name.lower(), ()))


def _add_needs(found: dict[int, DealInputs]) -> None:
    rows = NeedMet.objects.filter(STANDING, deal_id__in=list(found)).values_list(
        "deal_id", "occurred_at", "word", "channel", "need__kind", "need__name", "need__channel"
    )
    for deal_id, occurred_at, word, channel, kind, name, need_channel in rows:
        inputs = found[deal_id]
        if not _counts(inputs, occurred_at):
            continue
        key = need_key(kind, name, need_channel)
        if word in SETTLING_WORDS:
            inputs.settled.add(key)
        if not inputs.channels or channel in inputs.channels:
            inputs.met.add(key)


def _role_keys(role_id: int, role: str) -> set[str]:
    return {role_key(role_id, role), role_key(None, role)}


def _add_roles(found: dict[int, DealInputs]) -> None:
    rows = Contact.objects.filter(deal_id__in=list(found), engaged=True, role__isnull=False)
    for deal_id, role_id, role in rows.values_list("deal_id", "role_id", "role__name"):
        found[deal_id].engaged |= _role_keys(role_id, role)


def _add_contacts(found: dict[int, DealInputs]) -> None:
    """Add the roles that are engaged, and everybody by name."""
    rows = Contact.objects.filter(deal_id__in=list(found)).order_by("deal_id", "name", "pk")
    for deal_id, pk, name, role_id, role, engaged in rows.values_list(
        "deal_id", "pk", "name", "role_id", "role__name", "engaged"
    ):
        inputs = found[deal_id]
        inputs.contacts.append(ContactRow(pk, name, role or "", engaged))
        if engaged and role_id is not None:
            inputs.engaged |= _role_keys(role_id, role)
