"""Why a score is what it is, in words: its parts, what would lift it most and by how much, and how the deal may end."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from deals.choices import APART, CIRCLES_FROM, Reason
from deals.models import Alignment
from deals.selectors.endings import Ending, ending_of
from deals.selectors.inputs import DealInputs
from deals.selectors.measures import Measured, facts_of, measure_inputs
from deals.selectors.sheets import ActivityRow, Item, Sheet
from journey.alignment import COMPONENTS, Components, combine
from journey.checks import BoolArray
from journey.deficits import Deficit, deficits
from journey.facts import Facts

LABELS = {
    "position": "Position",
    "evidence": "Evidence",
    "people": "People",
    "information": "Information",
    "effort": "Effort",
}
VERBS = {
    "position": "Move stage",
    "evidence": "Settle",
    "people": "Add a person",
    "information": "Answered",
    "effort": "We did it",
}
DEFICITS_SHOWN = 3
LEAST_LIFT = 0.5  # points; what rounds to none is no help
NAMED = 3  # of what is missing
LIKELY = 0.10  # a stage less likely than this is not worth naming
CALM = ("Straight on", "Went back once", "As usual")  # by how often they went back


@dataclass(frozen=True, slots=True)
class Part:
    """One component: its share (None where nothing is to be measured), its weight among those that apply, in words."""

    name: str
    label: str
    value: float | None
    weight: float | None
    points: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Help:
    """One change that would lift the score, by how many points, and what to do about it."""

    component: str
    text: str
    lift: float
    tags: tuple[tuple[str, str], ...] = ()
    stage_id: int | None = None
    need_id: int | None = None
    activity_id: int | None = None
    role_id: int | None = None

    @property
    def verb(self) -> str:
        """Name the button that does something about it."""
        return VERBS[self.component]

    @property
    def query(self) -> str:
        """Give the query that tells the dialog what it is about."""
        chosen = {"role": self.role_id, "need": self.need_id}
        found = {name: value for name, value in chosen.items() if value is not None}
        return f"?{urlencode(found)}" if found else ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that stands behind a deal's score."""

    score: float | None
    reason: str
    parts: tuple[Part, ...]
    helps: tuple[Help, ...]
    position: tuple[float, ...]
    tomorrow: tuple[float, ...]
    likely: str
    likely_share: float
    gap: float | None
    place: str
    outlook: tuple[float, ...]
    ending: Ending
    days_left: float | None
    moments_left: float | None
    chaos: str
    circles: bool
    entropy: float | None


def explain(inputs: DealInputs, row: Alignment) -> Explanation:
    """Explain the score that is stored; while it is being computed anew, what it will be by what is known now."""
    found = measure_inputs([inputs])[inputs.deal_id]
    sheet = inputs.sheet
    fresh = row.scored_version == row.inputs_version and sheet is not None and len(row.position) == len(sheet.stages)
    position = tuple(row.position) if fresh else found.position
    score = row.score if fresh else found.score
    if sheet is None or sheet.numbers is None or not position:
        return _without_process(found)
    facts = facts_of(inputs, np.array(position))
    likely = int(np.argmax(position))
    return Explanation(
        score=score,
        reason=row.reason if fresh else found.reason,
        parts=_parts(inputs, sheet, facts, found, row if fresh else None),
        helps=_helps(inputs, sheet, facts) if score is not None else (),
        position=position,
        tomorrow=tuple(row.tomorrow) if fresh else found.tomorrow,
        likely=sheet.stages[likely].name,
        likely_share=position[likely],
        gap=row.gap if fresh else found.gap,
        place=place_in_words(row.gap if fresh else found.gap, stage=facts.stage, likely=likely),
        outlook=tuple(row.outlook) if fresh else found.outlook,
        ending=ending_of(inputs, found),
        days_left=row.days_left if fresh else found.days_left,
        moments_left=row.moments_left if fresh else found.moments_left,
        chaos=chaos_in_words(found.returns_seen, found.returns_expected),
        circles=_in_circles(found.returns_seen, found.returns_expected),
        entropy=found.entropy,
    )


def place_in_words(gap: float | None, *, stage: int | None, likely: int) -> str:
    """Say how far our stage is from the customer's, in words; beside it they may yet be likelier in another.

    `stage` is None where none is logged. Without a score the gap is None, and there is nothing to say.
    """
    if stage is None:
        return "No stage is logged yet."
    if gap is None:
        return ""
    if abs(gap) < APART:
        return "We are where they are." if stage == likely else "We are less than half a stage from them."
    stages = "a stage" if abs(gap) < 1.5 else f"{abs(gap):.0f} stages"  # noqa: PLR2004  rounds to one
    return f"We are about {stages} {'ahead of' if gap > 0 else 'behind'} them."


def chaos_in_words(seen: int, expected: float) -> str:
    """Say how often they went back, beside how often customers do."""
    counts = f"{seen} return{'' if seen == 1 else 's'}, {expected:.1f} expected"
    if _in_circles(seen, expected):
        return f"Going in circles: {counts}."
    return f"{CALM[min(seen, 2)]}: {counts}."


def _in_circles(seen: int, expected: float) -> bool:
    return seen > 1 and seen > CIRCLES_FROM * expected


def _without_process(found: Measured) -> Explanation:
    return Explanation(
        score=None,
        reason=Reason.NO_PROCESS,
        parts=(),
        helps=(),
        position=(),
        tomorrow=(),
        likely="",
        likely_share=0.0,
        gap=None,
        place="",
        outlook=(),
        ending=Ending(),
        days_left=None,
        moments_left=None,
        chaos="",
        circles=False,
        entropy=found.entropy,
    )


def _parts(inputs: DealInputs, sheet: Sheet, facts: Facts, found: Measured, row: Alignment | None) -> tuple[Part, ...]:
    sentences = {
        "position": _position_sentence(sheet, facts),
        "evidence": _evidence_sentence(sheet, facts),
        "people": _items_sentence(sheet.roles, facts.roles_engaged, facts, ("role", "engaged")),
        "information": _items_sentence(sheet.information, facts.needs_met, facts, ("question", "answered")),
        "effort": _effort_sentence(inputs),
    }
    values = _stored(row) if row else found.components
    weights = combine(values, sheet.weights).weights
    parts = []
    for name in COMPONENTS:
        value, weight = getattr(values, name), getattr(weights, name)
        points = None if value is None or weight is None else 100 * value * weight
        parts.append(Part(name, LABELS[name], value, weight, points, sentences[name]))
    return tuple(parts)


def _stored(row: Alignment) -> Components:
    return Components(*(getattr(row, f"component_{name}") for name in COMPONENTS))


def _position_sentence(sheet: Sheet, facts: Facts) -> str:
    likely = int(facts.position.argmax())
    where = f"They are probably at “{sheet.stages[likely].name}” ({facts.position[likely]:.0%})"
    if facts.stage is None:
        return f"{where}; we have logged no stage."
    return f"{where}; we logged “{sheet.stages[facts.stage].name}”."


def _evidence_sentence(sheet: Sheet, facts: Facts) -> str:
    if facts.stage is None:
        return "No stage is logged, so no evidence is due."
    due = facts.evidence_stage < facts.stage
    if not due.any():
        return "No evidence is due before this stage."
    settled = int((due & facts.evidence_settled).sum())
    return f"{settled} of {int(due.sum())} that the stages before ours ask for {_are(settled)} settled on their side."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _items_sentence(items: Sequence[Item], there: BoolArray, facts: Facts, words: tuple[str, str]) -> str:
    if not items:
        return "The process names none."
    likely = [
        (item, bool(done))
        for item, done in zip(items, there, strict=True)
        if sum(float(facts.position[stage]) for stage in set(item.stages)) >= LIKELY
    ]
    missing = [item.name for item, done in likely if not done]
    if not likely:
        return "Their likely stages need none."
    noun, verb = words
    nouns = f"{noun}{'' if len(likely) == 1 else 's'}"
    met = len(likely) - len(missing)
    text = f"{met} of {len(likely)} {nouns} of their likely stages {_are(met)} {verb}"
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    return f"{text}; still missing: {', '.join(missing[:NAMED])}{more}." if missing else f"{text}."


def _effort_sentence(inputs: DealInputs) -> str:
    count = len(inputs.efforts)
    if not count:
        return "We logged nothing of ours in the last 30 days."
    return f"How much of the {count} thing{'' if count == 1 else 's'} that we did in 30 days serves where they are."


def _helps(inputs: DealInputs, sheet: Sheet, facts: Facts) -> tuple[Help, ...]:
    numbers = sheet.numbers
    if numbers is None:
        return ()
    found = deficits(facts, numbers.credit, numbers.matrix, sheet.weights, count=DEFICITS_SHOWN)
    words = {
        "position": _position_help,
        "evidence": _evidence_help,
        "people": _people_help,
        "information": _information_help,
        "effort": _effort_help,
    }
    telling = (deficit for deficit in found if deficit.lift >= LEAST_LIFT)
    return tuple(words[deficit.component](deficit, inputs, sheet, facts) for deficit in telling)


def _position_help(deficit: Deficit, inputs: DealInputs, sheet: Sheet, facts: Facts) -> Help:
    target = sheet.stages[deficit.index]
    if facts.stage is None:
        text = f"Log where we are: they are probably at “{target.name}”."
    elif deficit.index < facts.stage:
        text = f"Go back to “{target.name}” with them, and log it."
    else:
        text = f"Move on to “{target.name}”: they are further than we logged."
    return Help("position", text, deficit.lift, (("move stage", "us"),), stage_id=target.id)


def _evidence_help(deficit: Deficit, inputs: DealInputs, sheet: Sheet, facts: Facts) -> Help:
    item = sheet.evidence[deficit.index]
    stage = sheet.stages[item.stages[0]].name
    text = f"Have them confirm “{item.name}”: it shows that “{stage}” is done."
    return Help("evidence", text, deficit.lift, (("evidence", "customer"),), need_id=item.need_ids[0])


def _people_help(deficit: Deficit, inputs: DealInputs, sheet: Sheet, facts: Facts) -> Help:
    item = sheet.roles[deficit.index]
    told = f"; {item.told} of {sheet.interviews} customers told of one" if item.told and sheet.interviews else ""
    text = f"Nobody is engaged as “{item.name}”{told}."
    return Help("people", text, deficit.lift, (("people", "customer"),), role_id=item.code_id)


def _information_help(deficit: Deficit, inputs: DealInputs, sheet: Sheet, facts: Facts) -> Help:
    item = sheet.information[deficit.index]
    channel = item.channel if not inputs.channels or item.channel in inputs.channels else inputs.channels[0]
    text = f"Answer “{item.name}”{f', {CHANNEL_WORDS[channel]}' if channel in CHANNEL_WORDS else ''}."
    tags = (("information", "customer"), *(((channel, "plain"),) if channel else ()))
    return Help("information", text, deficit.lift, tags, need_id=item.need_ids[0])


CHANNEL_WORDS = {
    "online": "where they look online",
    "traditional": "on paper or in person",
    "partner": "through the partner whom they ask",
    "sales": "in a talk with us",
}


def _effort_help(deficit: Deficit, inputs: DealInputs, sheet: Sheet, facts: Facts) -> Help:
    stage = sheet.stages[deficit.index]
    best = help_for_stage(sheet, deficit.index, done=frozenset())
    if best is None:
        return Help("effort", f"Do something that serves “{stage.name}”.", deficit.lift, stage_id=stage.id)
    return Help("effort", best_in_words(sheet, best), deficit.lift, ((best.actor, "us"),), activity_id=best.id)


def best_in_words(sheet: Sheet, activity: ActivityRow) -> str:
    """Say what we could do, and which of the customer's activities it helps."""
    helped = next((other.name for other in sheet.activities if other.id == activity.facilitates_id), "")
    return f"{activity.name}: it helps them “{helped}”." if helped else f"{activity.name}."


def help_for_stage(sheet: Sheet, stage: int, *, done: frozenset[str]) -> ActivityRow | None:
    """Give what we can do for a stage: first what helps the customer's own activities and was not done yet."""
    options = [activity for activity in sheet.our_activities if stage in activity.serves]
    return min(
        options,
        key=lambda activity: (activity.name.lower() in done, activity.facilitates_id is None, activity.id),
        default=None,
    )
