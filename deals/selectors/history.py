"""All that was logged on a deal, in one list and one query; and what changed since last week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, Value, When

from deals.choices import FactKind, Outcome, Word, settles
from deals.models import AlignmentPoint, Deal, Effort, NeedMet, OutcomeEvent, Signal, StageEvent
from deals.selectors.logged import NO_WORDS, facts_as_rows, joined
from deals.selectors.sheets import Sheet

WEEK = timedelta(days=7)
CAME_ALONG = "version"  # a move of the deal with its process to another version
POINTS_SHOWN = 60
# In the order in which `events_of` takes them.
COLUMNS: dict[str, Any] = {
    "label": NO_WORDS,
    "former": NO_WORDS,
    "code": NO_WORDS,
    "via": NO_WORDS,
    "who": F("actor__user__full_name"),
    "note": F("note"),
    "gone": F("retracted_at"),
}
WORDS = {Word.CONFIRMED: "the customer confirmed it", Word.OBSERVED: "we saw it", Word.REPORTED: "reported by us"}


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the history: `label` is what happened, `detail` says more.

    `former` is the stage that was left, or of which kind the need is.
    """

    kind: str
    id: int
    at: datetime
    label: str
    former: str
    code: str
    channel: str
    who: str
    note: str
    retracted: bool

    @property
    def detail(self) -> str:
        """Say whose word it is, or on which channel."""
        words = [WORDS[Word(self.code)]] if self.code in Word.values else []
        return ", ".join([*words, *([self.channel] if self.channel else [])])

    @property
    def settles(self) -> bool:
        """Tell whether what they need is settled by it."""
        return settles(self.former, self.code)

    @property
    def can_be_undone(self) -> bool:
        """Tell whether it can be taken back; an ending is reopened instead, and a deal stays with its process."""
        return self.kind != FactKind.OUTCOME and self.code != CAME_ALONG


def events_of(deal: Deal) -> list[Event]:
    """Give everything that was logged, newest first, what was taken back included. One query."""
    same = Q(from_stage=None) | Q(from_stage__version=F("to_stage__version"))
    came_along = Case(When(same, then=NO_WORDS), default=Value(CAME_ALONG))
    moves: dict[str, Any] = {"label": F("to_stage__name"), "former": F("from_stage__name"), "code": came_along}
    need = {"former": F("need__kind"), "code": F("word"), "via": F("channel")}
    rows = joined(
        facts_as_rows(StageEvent, deal, FactKind.STAGE, COLUMNS, **moves),
        facts_as_rows(Signal, deal, FactKind.SIGNAL, COLUMNS, label=F("activity__name"), code=F("word")),
        facts_as_rows(Effort, deal, FactKind.EFFORT, COLUMNS, label=F("activity__name")),
        facts_as_rows(NeedMet, deal, FactKind.NEED, COLUMNS, label=F("need__name"), **need),
        facts_as_rows(OutcomeEvent, deal, FactKind.OUTCOME, COLUMNS, label=F("outcome")),
    )
    return [
        Event(
            kind,
            pk,
            at,
            Outcome(label).label if kind == FactKind.OUTCOME else label,
            former or "",
            code,
            channel,
            who or "",
            note,
            gone is not None,
        )
        for kind, pk, at, label, former, code, channel, who, note, gone in rows.order_by("-occurred_at", "-fact_id")
    ]


def last_move_of(events: Sequence[Event]) -> int | None:
    """Give the stage move that can be taken back: the latest one that stands."""
    moves = (event.id for event in events if event.kind == FactKind.STAGE and not event.retracted)
    return next(moves, None)


@dataclass(frozen=True, slots=True)
class Point:
    """The alignment of a day."""

    on: date
    score: float | None
    gap: float | None
    likely_stage_id: int | None


def points_of(deal: Deal) -> list[Point]:
    """Give the course of a deal's alignment, oldest first; the latest sixty changes."""
    rows = AlignmentPoint.objects.filter(deal=deal).order_by("-on").values_list("on", "score", "gap", "likely_stage_id")
    return [Point(*row) for row in rows[:POINTS_SHOWN]][::-1]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a score since last week: points, None where there was none, and why in words."""

    points: float | None
    sentence: str


def point_a_week_ago(points: Sequence[Point], as_of: datetime) -> Point | None:
    """Give the last point that is a week old, in the zone of `as_of`; its score is None where it was lost by then."""
    return next((point for point in reversed(points) if point.on <= _a_week_ago(as_of)), None)


def _a_week_ago(as_of: datetime) -> date:
    return (as_of - WEEK).date()


def change_since_last_week(
    sheet: Sheet | None, points: Sequence[Point], events: Sequence[Event], *, score: float | None, as_of: datetime
) -> Change:
    """Compare with the point of a week ago; where there was no score then, with the first one of this week."""
    before = point_a_week_ago(points, as_of)
    if before is None or before.score is None:
        past = next((point for point in points if point.score is not None and point.on > _a_week_ago(as_of)), None)
        points_since = None
    else:
        past, points_since = before, None if score is None else score - before.score
    recent = [event for event in events if event.at > as_of - WEEK and not event.retracted]
    reasons = [*_their_move(sheet, past, points), *_our_move(recent)]
    if not reasons:
        signals = [event for event in recent if event.kind == FactKind.SIGNAL]
        reasons = [f"{len(signals)} new sign{'' if len(signals) == 1 else 's'} from them"] if signals else []
    if not reasons:
        reasons = [_silence(events, as_of)]
    return Change(points_since, ", ".join(reasons))


def _their_move(sheet: Sheet | None, past: Point | None, points: Sequence[Point]) -> list[str]:
    now = points[-1].likely_stage_id if points else None
    then = past.likely_stage_id if past else None
    if sheet is None or now is None or then is None or now == then or not {now, then} <= set(sheet.stage_index):
        return []
    stage = sheet.stages[sheet.stage_index[now]]
    went = "went back to" if stage.position < sheet.stage_index[then] else "moved on to"
    return [f"they {went} “{stage.name}”"]


def _our_move(recent: Sequence[Event]) -> list[str]:
    moves = [event for event in recent if event.kind == FactKind.STAGE and event.former]
    return [f"we moved to “{moves[0].label}”"] if moves else []


def _silence(events: Sequence[Event], as_of: datetime) -> str:
    last = next((event.at for event in events if event.kind == FactKind.SIGNAL and not event.retracted), None)
    if last is None:
        return "nothing was seen from them yet"
    days = max((as_of - last).days, 0)
    return "nothing changed" if days < 1 else f"nothing seen from them for {days} day{'' if days == 1 else 's'}"
