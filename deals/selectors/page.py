"""All that a deal's page shows, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from buying_process.selectors.journey_map import JourneyMap
from deals.choices import FactKind, Outcome
from deals.models import Alignment, Deal
from deals.selectors.alerts import Told, alerts_on
from deals.selectors.explanation import Explanation, explain
from deals.selectors.history import Change, Event, Point, change_since_last_week, events_of, points_of
from deals.selectors.inputs import ContactRow, DealInputs, inputs_of
from deals.selectors.measures import likely_next
from deals.selectors.sheets import ActivityRow, Item, Sheet, names_of
from interviews.models import Code

LIKELY_SHOWN = 5


@dataclass(frozen=True)
class NeedState:
    """A need of the process on this deal."""

    item: Item
    stage: str
    done: bool
    due: bool

    @property
    def need_id(self) -> int:
        """The need that is settled by a click."""
        return self.item.need_ids[0]


@dataclass(frozen=True)
class Needs:
    """Needs of the stages up to ours and theirs, and those that come later."""

    now: list[NeedState]
    later: list[NeedState]


@dataclass(frozen=True)
class DealPage:
    """A deal's page."""

    deal: Deal
    explanation: Explanation
    journey: JourneyMap | None
    events: list[Event]
    alerts: list[Told]
    change: Change
    course: list[Point]
    contacts: list[ContactRow]
    roles_missing: list[Item]
    evidence: Needs
    information: Needs
    sheet: Sheet | None

    @property
    def trend(self) -> list[float]:
        """The scores of the course, oldest first."""
        return [point.score for point in self.course if point.score is not None]

    @property
    def trend_in_words(self) -> str:
        """Say where the course began and where it is."""
        known = [point for point in self.course if point.score is not None]
        first, last = known[0], known[-1]
        return f"Alignment over time: {first.score:.0f} on {first.on:%-d %B}, {last.score:.0f} since {last.on:%-d %B}"

    @property
    def stale(self) -> bool:
        """Whether the score is being computed anew."""
        return self.deal.alignment.is_stale

    @property
    def seen(self) -> str:
        """What an open page has seen, so that it is sent anew only when something changed."""
        return seen_of(self.deal.alignment)


@dataclass(frozen=True)
class StoredPage:
    """What is left of a deal's page where its numbers cannot be computed: the last score, and what is logged."""

    score: float | None
    events: list[Event]
    contacts: list[ContactRow]
    roles_missing: list[Item]
    evidence: Needs
    information: Needs
    seen: str


def stored_page_of(deal: Deal) -> StoredPage:
    """Read what needs no computing."""
    row, inputs = deal.alignment, inputs_of([deal.pk], with_contacts=True, sheets=names_of)[deal.pk]
    sheet = inputs.sheet
    position = row.position if sheet and len(row.position) == len(sheet.stages) else ()
    return StoredPage(
        score=row.score,
        events=events_of(deal),
        contacts=inputs.contacts,
        roles_missing=_roles_missing(inputs),
        evidence=_needs(inputs, sheet.evidence if sheet else (), inputs.settled, position),
        information=_needs(inputs, sheet.information if sheet else (), inputs.met, position),
        seen=seen_of(row),
    )


def seen_of(row: Alignment) -> str:
    """Say as which a page has seen a score, so that it is told when there is another."""
    return f"{row.inputs_version}.{row.scored_version}.{row.is_given_up}"


def page_of(deal: Deal) -> DealPage:
    """Read a deal's page; the deal comes from `deal_for`. Nine queries once the version was read."""
    inputs = inputs_of([deal.pk], with_contacts=True)[deal.pk]
    row = deal.alignment
    explanation = explain(inputs, row)
    events, points = events_of(deal), points_of(deal)
    as_of = (row.as_of or inputs.as_of).astimezone(deal.workspace.zone)  # points are those of the workspace's days
    return DealPage(
        deal=deal,
        explanation=explanation,
        journey=deal_map(inputs, explanation, events),
        events=events,
        alerts=alerts_on(deal) if deal.outcome == Outcome.OPEN else [],
        change=change_since_last_week(inputs.sheet, points, events, score=explanation.score, as_of=as_of),
        course=points,
        contacts=inputs.contacts,
        roles_missing=_roles_missing(inputs),
        evidence=_needs(inputs, inputs.sheet.evidence if inputs.sheet else (), inputs.settled, explanation.position),
        information=_needs(inputs, inputs.sheet.information if inputs.sheet else (), inputs.met, explanation.position),
        sheet=inputs.sheet,
    )


def deal_map(inputs: DealInputs, explanation: Explanation, events: Sequence[Event]) -> JourneyMap | None:
    """Give the journey map of the deal's version with where they probably are, where we are, and what is done."""
    sheet = inputs.sheet
    if sheet is None:
        return None
    seen = {signal.column for signal in inputs.known_signals()}
    ours = {event.label.lower() for event in events if event.kind == FactKind.EFFORT and not event.retracted}
    done = {
        activity.id
        for activity in sheet.activities
        if (activity.column in seen if activity.column is not None else activity.name.lower() in ours)
    }
    return replace(
        sheet.journey,
        stages=tuple(
            replace(
                stage,
                probability=explanation.position[place] if explanation.position else None,
                seller_here=place == inputs.stage,
                activities=tuple(replace(each, done=each.id in done) for each in stage.activities),
            )
            for place, stage in enumerate(sheet.journey.stages)
        ),
    )


def _roles_missing(inputs: DealInputs) -> list[Item]:
    return [item for item in inputs.sheet.roles if item.key not in inputs.engaged] if inputs.sheet else []


def _needs(inputs: DealInputs, items: Sequence[Item], done: set[str], position: Sequence[float]) -> Needs:
    """Say of each need whether it is settled and due; what only later stages ask for is set apart."""
    stages = inputs.sheet.stages if inputs.sheet else ()
    likely = int(np.argmax(position)) if len(position) else 0
    furthest = max(likely, inputs.stage or 0)
    states = [
        NeedState(
            item,
            stages[item.stages[0]].name,
            done=item.key in done,
            due=inputs.stage is not None and item.stages[0] < inputs.stage,
        )
        for item in items
    ]
    soon = [state.done or min(state.item.stages) <= furthest for state in states]
    return Needs(
        now=[state for state, is_soon in zip(states, soon, strict=True) if is_soon],
        later=[state for state, is_soon in zip(states, soon, strict=True) if not is_soon],
    )


@dataclass(frozen=True)
class Option:
    """Something to log, with how likely it is next."""

    activity: ActivityRow
    stage: str
    share: float


@dataclass(frozen=True)
class LogOptions:
    """What a dialog offers: the likely ones first, the others after."""

    likely: list[Option]
    others: list[Option]


def signal_options(sheet: Sheet, tomorrow: Sequence[float]) -> LogOptions:
    """Order the customer's activities by how likely each is next."""
    shares = _shares(sheet, tomorrow)
    options = [
        Option(activity, sheet.stages[activity.stage].name, shares.get(activity.id, 0.0))
        for activity in sheet.customer_activities
    ]
    return _split(options)


def effort_options(sheet: Sheet, position: Sequence[float], tomorrow: Sequence[float]) -> LogOptions:
    """Order our activities by how likely the customer is, or will be next, in the stages that they serve."""
    known = len(position) == len(tomorrow) == len(sheet.stages)  # else they were measured by a version before
    weight = np.maximum(position, tomorrow) if known else np.zeros(len(sheet.stages))
    options = [
        Option(activity, sheet.stages[activity.stage].name, float(sum(weight[stage] for stage in activity.serves)))
        for activity in sheet.our_activities
    ]
    return _split(options)


def _shares(sheet: Sheet, tomorrow: Sequence[float]) -> dict[int, float]:
    if sheet.numbers is None or len(tomorrow) != len(sheet.stages):  # measured by a version before
        return {}
    shares = likely_next(sheet, sheet.numbers, np.array(tomorrow))
    return {
        activity.id: float(shares[activity.column])
        for activity in sheet.customer_activities
        if activity.column is not None
    }


def _split(options: list[Option]) -> LogOptions:
    """Take the likeliest apart; the others stay in the order of the process."""
    likely = sorted(options, key=lambda option: -option.share)[:LIKELY_SHOWN]
    chosen = {option.activity.id for option in likely}
    return LogOptions(likely, [option for option in options if option.activity.id not in chosen])


def roles_of(sheet: Sheet | None) -> list[Code]:
    """Give the roles to choose from for a contact: those that the process needs first."""
    wanted = [item.code_id for item in sheet.roles if item.code_id is not None] if sheet else []
    roles = list(Code.objects.filter(kind="role").order_by("name"))
    return sorted(roles, key=lambda role: role.pk not in wanted)
