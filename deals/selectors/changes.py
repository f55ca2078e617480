"""What became of a score since last week, and why: each thing that happened, with the score before and after it.

What was logged is gone through in the order in which we came to know it, and the score is measured anew before and
after each, so that all effects sum to the change. Between them time passes: silence moves buyers, our work grows old.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from math import inf

from buying_process.choices import Need
from buying_process.models import Stage
from deals.choices import FactKind, settles
from deals.models import Deal
from deals.selectors.history import WEEK, WORDS, Point, point_a_week_ago
from deals.selectors.logged import Logged, Person
from deals.selectors.outlooks import Timeline
from deals.selectors.sheets import Sheet, sheets_of
from deals.selectors.worlds import World, measure_worlds
from journey.apportion import apportion

HOURS = 24
ARRIVAL = timedelta(hours=1)  # within it, what is logged on a new deal is its past
MOST_STEPS = 30  # beyond it, what is alike on a day counts together
MOST_SHOWN = 12
SHOWN = 0.05  # points; below it a figure shows as 0
SILENCE, AGE, VERSION, REST = "silence", "age", "version", "rest"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened: its kind (of a fact, "person", or one of the above), in words, and what it did."""

    kind: str
    text: str
    detail: str
    points: float


@dataclass(frozen=True, slots=True)
class Week:
    """A score then and now, rounded, and what lies between; the causes sum to their difference. `since` is a week ago,
    or further back where the history has a gap there.

    `before` is None where there was no score; `first` then says what gave the first one, and what that was.
    """

    since: date
    before: float | None
    first: Cause | None
    after: float | None
    causes: tuple[Cause, ...]
    won_before: float | None = None
    won_after: float | None = None
    won_learned: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Facts that came or were taken back, people who came, or another version."""

    at: datetime
    kind: str
    text: str
    detail: str = ""
    came: tuple[Logged, ...] = ()
    gone: tuple[Logged, ...] = ()
    people: tuple[Person, ...] = ()
    sheet: Sheet | None = None

    def done(self, world: World) -> World:
        """Give the world after it."""
        facts = [fact for fact in world.facts if fact not in self.gone]
        facts = sorted([*facts, *self.came], key=lambda fact: (fact.occurred_at, fact.id))
        return replace(world, sheet=self.sheet or world.sheet, facts=tuple(facts), people=(*world.people, *self.people))


def begin_of_week(as_of: datetime) -> datetime:
    """Give the end of the day a week ago, in the zone of `as_of`; the history keeps the last score of that day."""
    return end_of_day((as_of - WEEK).date(), as_of.tzinfo)


def end_of_day(on: date, zone: tzinfo | None) -> datetime:
    """Give the moment at which a day ends."""
    return datetime.combine(on + timedelta(days=1), time.min, zone)


def week_of(
    deal: Deal,
    sheet: Sheet,
    facts: Sequence[Logged],
    people: Sequence[Person],
    points: Sequence[Point],
    *,
    score: float | None,
    as_of: datetime,
) -> Week:
    """Explain the change of a deal's score since last week. No query, but where the deal changed its version."""
    as_of = as_of.astimezone(deal.workspace.zone)
    past = point_a_week_ago(points, as_of)
    known = _Known(deal, begin_of_week(as_of), as_of)
    then = _sheet_then(sheet, past, [fact for fact in facts if known.of(fact) <= known.since])
    known, start = _start(known, then, past, facts, people)
    since = known.since
    steps = _steps(deal, known, facts, people, sheet if then is not sheet else None)
    worlds, labels = _walk(start, steps, as_of)
    found = measure_worlds(worlds, deal)
    scores = [each.score for each in found]
    week = _week(since, past.score if past else None, score, scores, labels)
    if not found[0].outlook or not found[-1].outlook:
        return week
    return replace(
        week,
        won_before=found[0].outlook[0] if scores[0] is not None else None,
        won_after=found[-1].outlook[0],
        won_learned=_learned(worlds[-1], deal, since, found[-1].outlook[0]),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """When we came to know something. A past that came in with a deal counts from when it happened, people always."""

    deal: Deal
    since: datetime
    until: datetime

    def of(self, row: Logged | Person) -> datetime:
        arrived = self.deal.created_at
        if arrived > self.since and row.created_at < arrived + ARRIVAL:
            return min(row.occurred_at if isinstance(row, Logged) else self.since, self.until)
        return min(row.created_at, self.until)

    def gone_by(self, fact: Logged, moment: datetime) -> bool:
        return fact.retracted_at is not None and fact.retracted_at <= moment


def _start(
    known: _Known, sheet: Sheet, past: Point | None, facts: Sequence[Logged], people: Sequence[Person]
) -> tuple[_Known, World]:
    """Give the moment of the score of a week ago, and the world as it was.

    The history keeps the day of a score, and not its moment: it is the hour of the day a week ago at which the score
    comes out as it was kept, the latest where several do, else the one that comes nearest; where the history has gaps,
    as before a deal came in, an hour of the day that it knows of. What came after it is then a cause of its own.
    """
    if past is None or past.score is None:
        return known, _world_at(known, sheet, facts, people)
    days = {known.since, end_of_day(past.on, known.since.tzinfo)}
    hours = [
        replace(known, since=end - timedelta(hours=hour)) for end in sorted(days, reverse=True) for hour in range(HOURS)
    ]
    worlds = [_world_at(each, sheet, facts, people) for each in hours]
    off = [
        abs(found.score - past.score) if found.score is not None else inf
        for found in measure_worlds(worlds, known.deal)
    ]
    place = next((hour for hour, by in enumerate(off) if by < SHOWN), off.index(min(off)))
    return hours[place], worlds[place]


def _world_at(known: _Known, sheet: Sheet, facts: Sequence[Logged], people: Sequence[Person]) -> World:
    return World(
        sheet,
        tuple(fact for fact in facts if known.of(fact) <= known.since and not known.gone_by(fact, known.since)),
        tuple(each for each in people if known.of(each) <= known.since),
        known.since,
        known.since,
    )


def _sheet_then(sheet: Sheet, past: Point | None, facts: Sequence[Logged]) -> Sheet:
    """Give the sheet of the version that the deal went by: the history's, else that of the last move by then."""
    version_id: int | None = sheet.version_id
    if past is not None and past.likely_stage_id is not None:
        if past.likely_stage_id not in sheet.stage_index:
            stage = Stage.objects.filter(pk=past.likely_stage_id)
            version_id = stage.values_list("version_id", flat=True).first()
    else:
        moves = [fact.version_id for fact in facts if fact.kind == FactKind.STAGE]
        version_id = moves[-1] if moves else sheet.version_id
    if version_id is None or version_id == sheet.version_id:
        return sheet
    former = sheets_of([version_id]).get(version_id)
    return former if former is not None and former.numbers is not None else sheet


def _steps(
    deal: Deal, known: _Known, facts: Sequence[Logged], people: Sequence[Person], adopted: Sheet | None
) -> list[Step]:
    """Give what happened since, in the order in which we came to know it."""
    steps = [_version_step(deal, known, facts, adopted)] if adopted is not None else []
    moved = {fact for step in steps for fact in step.came}
    for fact in facts:
        came = known.of(fact) > known.since
        if fact.retracted_at is None and came and fact not in moved:
            steps.append(_came(known.of(fact), fact))
        elif fact.retracted_at is not None and not came and not known.gone_by(fact, known.since):
            steps.append(_gone(min(fact.retracted_at, known.until), fact))
    steps += [
        Step(known.of(each), "person", f"{each.role} is with them", "a person was added", people=(each,))
        for each in people
        if known.of(each) > known.since
    ]
    steps.sort(key=lambda step: step.at)
    return steps if len(steps) <= MOST_STEPS else _together(steps, known.until.tzinfo)


def _version_step(deal: Deal, known: _Known, facts: Sequence[Logged], sheet: Sheet) -> Step:
    mine = sheet.version_id
    moves = [fact for fact in facts if fact.version_id == mine and fact.former_version_id not in {mine, None}]
    moves = [fact for fact in moves if known.of(fact) > known.since and fact.retracted_at is None]
    at = known.of(moves[0]) if moves else (deal.version.published_at if deal.version else None) or known.since
    text = f"The process became version {sheet.number}"
    return Step(min(max(at, known.since), known.until), VERSION, text, came=tuple(moves[:1]), sheet=sheet)


def _came(at: datetime, fact: Logged) -> Step:
    text = f"“{fact.label}”"
    if fact.kind == FactKind.STAGE:
        text = f"We moved to {text}"
    elif fact.kind == FactKind.NEED:
        settled = "Settled" if settles(fact.need_kind, fact.said or "") else "Noted"
        verb = settled if fact.need_kind == Need.EVIDENCE else "Answered"
        text = f"{verb}: {text}"
    return Step(at, fact.kind, text, WORDS[fact.said] if fact.said else "", came=(fact,))


def _gone(at: datetime, fact: Logged) -> Step:
    return Step(at, fact.kind, f"“{fact.label}”", "taken back", gone=(fact,))


def _together(steps: Sequence[Step], zone: tzinfo | None) -> list[Step]:
    """Join what is alike on a day."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step in steps:
        alone = step.text if step.kind == VERSION else ""
        groups.setdefault((step.at.astimezone(zone).date(), step.kind, bool(step.gone), alone), []).append(step)
    return sorted((_joined(group) for group in groups.values()), key=lambda step: step.at)


def _joined(group: list[Step]) -> Step:
    if len(group) == 1:
        return group[0]
    return replace(
        group[-1],
        text=f"{group[0].text} and {len(group) - 1} more",
        detail="taken back" if group[0].gone else "",
        came=tuple(fact for step in group for fact in step.came),
        gone=tuple(fact for step in group for fact in step.gone),
        people=tuple(each for step in group for each in step.people),
    )


def _walk(start: World, steps: Sequence[Step], until: datetime) -> tuple[list[World], list[Step]]:
    """Go from then to now; beside each world but the first stands what led to it."""
    worlds, labels = [start], []
    age = Step(until, AGE, "What we did more than 30 days ago no longer counts")
    silence = Step(until, SILENCE, "Time went by", _quiet(start, steps, until))
    for step in (*steps, Step(until, "", "")):
        for label, world in (
            (age, replace(worlds[-1], work=step.at)),
            (silence, replace(worlds[-1], work=step.at, at=step.at)),
        ):
            worlds.append(world)
            labels.append(label)
        if step.kind:
            worlds.append(step.done(worlds[-1]))
            labels.append(step)
    return worlds, labels


def _quiet(start: World, steps: Sequence[Step], until: datetime) -> str:
    came = [fact for step in steps for fact in step.came if fact.kind == FactKind.SIGNAL]
    seen = [fact.occurred_at for fact in (*start.facts, *came) if fact.kind == FactKind.SIGNAL]
    days = max((until - max(seen)).days, 0) if seen else 0
    return f"no sign from them for {days} days" if days > 1 else "between their signs"


def _week(
    since: datetime,
    past: float | None,
    score: float | None,
    scores: Sequence[float | None],
    labels: Sequence[Step],
) -> Week:
    after = None if score is None else round(score, 1)
    begin = max((place + 1 for place, each in enumerate(scores) if each is None), default=0)
    if score is None or begin == len(scores):
        return Week(since.date(), None if past is None else round(past, 1), None, after, ())
    first, before = None, past if begin == 0 and past is not None else scores[begin]
    if begin:
        step = labels[begin - 1]
        first = Cause(step.kind, step.text, step.detail, round(before or 0.0, 1))
    effects: dict[Step, float] = {}
    for label, earlier, later in zip(labels[begin:], scores[begin:], scores[begin + 1 :], strict=False):
        effects[label] = effects.get(label, 0.0) + (later or 0.0) - (earlier or 0.0)
    start = round(before or 0.0, 1)
    causes = _causes(effects, score - (before or 0.0), (after or 0.0) - start)
    return Week(since.date(), None if begin else start, first, after, causes)


def _causes(effects: dict[Step, float], change: float, shown: float) -> tuple[Cause, ...]:
    """Give the causes that show, with the smaller ones and the rest, rounded so that they sum to the change shown."""
    large = sorted(effects, key=lambda step: -abs(effects[step]))[:MOST_SHOWN]
    told = [
        step for step in effects if step in large and (abs(effects[step]) >= SHOWN or step.kind not in {SILENCE, AGE})
    ]
    few = [effects[step] for step in effects if step not in told and effects[step]]
    rows = [Cause(step.kind, step.text, step.detail, effects[step]) for step in told]
    if any(abs(points) >= SHOWN for points in (*few, sum(few))):
        rows.append(Cause(REST, f"{len(few)} smaller things together" if few[1:] else "A smaller thing", "", sum(few)))
    left = change - sum(effects.values())
    if abs(left) >= SHOWN:
        rows.append(
            Cause(
                REST,
                "The rest",
                "what carries no date, such as people or channels that were changed",
                left,
            )
        )
    if not rows and shown:
        rows = [Cause(REST, "Small things together", "", change)]
    points = apportion([row.points for row in rows], total=shown)
    return tuple(replace(row, points=float(each)) for row, each in zip(rows, points, strict=True))


def _learned(world: World, deal: Deal, since: datetime, won: float) -> float | None:
    """Say how many points of the chance of a win come from numbers learned anew since; None where none were."""
    all_of = world.sheet.outlooks
    kept = [pair for pair in zip(all_of.moments, all_of.ids, strict=True) if pair[0] <= since]
    if len(kept) == len(all_of.ids):
        return None
    earlier = Timeline(tuple(moment for moment, _ in kept), tuple(pk for _, pk in kept))
    [without] = measure_worlds([replace(world, sheet=replace(world.sheet, outlooks=earlier))], deal)
    return 100 * (won - without.outlook[0])
