"""How a deal's number is made, step by step in its own figures; every sum that is shown adds up as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from django.utils import timezone
from django.utils.formats import date_format

from deals.choices import WORD_WEIGHT, FactKind, Word
from deals.models import Deal
from deals.selectors.changes import Week, week_of
from deals.selectors.doubts import Doubt, doubts_of, sureness
from deals.selectors.explanation import LABELS, Explanation, explain
from deals.selectors.history import WORDS, Point, points_of
from deals.selectors.inputs import DealInputs, inputs_of
from deals.selectors.logged import Logged, logged_on, people_on
from deals.selectors.measures import DAY, facts_of
from deals.selectors.sheets import Numbers, Sheet
from deals.selectors.worlds import work_of
from journey.apportion import apportion
from journey.breakdown import Yields, breakdown
from journey.checks import Array, BoolArray
from journey.facts import Facts
from journey.position import locate_many

SIGNS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A thing within a part: what it added of what it could, in points as shown."""

    name: str
    note: str
    got: float
    possible: float


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of the score with its lines; the lines sum to it."""

    name: str
    label: str
    sentence: str
    got: float
    possible: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of theirs, or the silence since, and where they probably were after it."""

    text: str
    at: datetime
    word: str
    likely: str
    share: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which the number changed, as it stood at its end; `likely` is "" for a stage of a former version."""

    on: date
    score: float | None
    likely: str
    gap: float | None


@dataclass(frozen=True, slots=True)
class Explained:
    """All that the page says. `score` is what the parts sum to, to one decimal."""

    why: Explanation
    sheet: Sheet | None
    score: float | None = None
    parts: tuple[ShownPart, ...] = ()
    missing: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    signs_before: int = 0
    stages: tuple[tuple[str, float], ...] = ()
    week: Week | None = None
    course: tuple[Day, ...] = ()
    sureness: str = ""
    doubts: tuple[Doubt, ...] = ()


def explained_of(deal: Deal) -> Explained:
    """Take a deal's number apart. Ten queries once the version was read, and two more where it changed this week."""
    row = deal.alignment
    inputs = inputs_of([deal.pk])[deal.pk]
    logged, people = logged_on(deal), people_on(deal)
    facts = [fact for fact in logged if inputs.is_open or fact.occurred_at <= inputs.as_of]
    stored = row.as_of if row.scored_version == row.inputs_version else None
    inputs = _as_logged(inputs, stored or inputs.as_of, facts)
    why, sheet = explain(inputs, row), inputs.sheet
    if sheet is None or sheet.numbers is None or not why.position:
        return Explained(why, sheet)
    known, points = facts_of(inputs, np.array(why.position)), points_of(deal)
    parts = _parts(inputs, sheet, known, facts, why) if why.score is not None else ()
    return Explained(
        why=why,
        sheet=sheet,
        score=None if why.score is None else round(why.score, 1),
        parts=parts,
        missing=tuple(part.label for part in why.parts if part.value is None) if why.score is not None else (),
        signs=_signs(inputs, sheet, sheet.numbers, facts),
        signs_before=max(len(inputs.known_signals()) - SIGNS_SHOWN, 0),
        stages=tuple(zip((stage.name for stage in sheet.stages), why.position, strict=True)),
        week=week_of(deal, sheet, facts, people, points, score=why.score, as_of=inputs.as_of),
        course=_course(sheet, points),
        sureness=sureness(why),
        doubts=tuple(doubts_of(inputs, why, facts)),
    )


def _as_logged(inputs: DealInputs, as_of: datetime, facts: Sequence[Logged]) -> DealInputs:
    """Go to the moment of the score, with our work from the rows that name it: were more logged since, they differ."""
    sheet = inputs.sheet
    if sheet is None:
        return inputs
    work = [sheet.ours_by_name.get(fact.label.lower(), ()) for fact in work_of(_standing(facts), as_of)]
    return replace(inputs, as_of=as_of, efforts=work)


def _standing(facts: Sequence[Logged]) -> list[Logged]:
    return [fact for fact in facts if fact.retracted_at is None]


def _parts(
    inputs: DealInputs, sheet: Sheet, known: Facts, facts: Sequence[Logged], why: Explanation
) -> tuple[ShownPart, ...]:
    """Round the parts so that they sum to the score, and the lines of each so that they sum to the part."""
    if sheet.numbers is None or why.score is None:
        return ()
    found = breakdown(known, sheet.numbers.credit, sheet.numbers.matrix, sheet.weights)
    score = round(why.score, 1)
    got = apportion([each.got.sum() for each in found], total=score)
    lost = apportion([(each.possible - each.got).sum() for each in found], total=100 - score)
    words = _words(inputs, sheet, sheet.numbers, known, facts)
    sentences = {part.name: part.sentence for part in why.parts}
    return tuple(
        ShownPart(
            name=each.component,
            label=LABELS[each.component],
            sentence=sentences[each.component],
            got=float(gain),
            possible=round(float(gain + loss), 1),
            lines=_lines(each, words[each.component], float(gain), float(loss)),
        )
        for each, gain, loss in zip(found, got, lost, strict=True)
    )


def _lines(yields: Yields, words: Sequence[tuple[str, str]], got: float, lost: float) -> tuple[Line, ...]:
    gains, losses = apportion(yields.got, total=got), apportion(yields.possible - yields.got, total=lost)
    lines = [
        Line(name, note, float(gain), round(float(gain + loss), 1))
        for (name, note), gain, loss in zip(words, gains, losses, strict=True)
    ]
    return tuple(line for line in lines if line.possible)


def _words(
    inputs: DealInputs, sheet: Sheet, numbers: Numbers, known: Facts, facts: Sequence[Logged]
) -> dict[str, list[tuple[str, str]]]:
    """Give the name of each thing and what there is to say of it, part by part."""
    ours = known.stage if known.stage is not None else 0
    worth = (known.position, known.position @ numbers.flow)
    return {
        "position": [
            (stage.name, f"{share:.0%} likely; what we logged counts {credit:.0%} here")
            for stage, share, credit in zip(sheet.stages, known.position, numbers.credit[ours], strict=True)
        ],
        "evidence": [
            (
                item.name,
                f"{'settled' if done else 'not settled yet'}, of “{sheet.stages[item.stages[0]].name}”",
            )
            for item, done in zip(sheet.evidence, known.evidence_settled, strict=True)
        ],
        "people": [
            (item.name, f"{'engaged' if there else 'nobody engaged yet'}; stages that need one are {needed:.0%} likely")
            for item, needed, there in zip(
                sheet.roles, known.roles_needed @ known.position, known.roles_engaged, strict=True
            )
        ],
        "information": [
            (item.name, f"{'answered' if there else 'not answered yet'}; stages that ask it are {needed:.0%} likely")
            for item, needed, there in zip(
                sheet.information, known.needs @ known.position, known.needs_met, strict=True
            )
        ],
        "effort": [
            (f"{fact.label}, {date_format(timezone.localtime(fact.occurred_at), 'j M')}", _serves(row, worth))
            for fact, row in zip(work_of(_standing(facts), inputs.as_of), known.efforts, strict=True)
        ],
    }


def _serves(stages: BoolArray, worth: tuple[Array, Array]) -> str:
    now, later = (float(share[stages].sum()) for share in worth)
    if not stages.any():
        return "helps no stage"
    return (
        f"helps stages that are {now:.0%} likely" if now >= later else f"helps stages that are {later:.0%} likely next"
    )


def _course(sheet: Sheet, points: Sequence[Point]) -> tuple[Day, ...]:
    names = {stage.id: stage.name for stage in sheet.stages}
    return tuple(Day(each.on, each.score, names.get(each.likely_stage_id or 0, ""), each.gap) for each in points[::-1])


def _signs(inputs: DealInputs, sheet: Sheet, numbers: Numbers, facts: Sequence[Logged]) -> tuple[Sign, ...]:
    """Go through their signs, the last ones with where they probably were after each, and after the silence since."""
    known = [
        (fact, column)
        for fact in _standing(facts)
        if fact.kind == FactKind.SIGNAL and (column := sheet.column_of(fact.code_id, fact.label)) is not None
    ]
    if not known:
        return ()
    columns = np.array([column for _, column in known], dtype=np.int64)
    words = np.array([WORD_WEIGHT[Word(fact.word)] for fact, _ in known])
    silence = max((inputs.as_of - known[-1][0].occurred_at) / DAY, 0.0)
    lengths = [*range(max(len(known) - SIGNS_SHOWN, 0) + 1, len(known) + 1), len(known)]
    positions = locate_many(
        np.concatenate([columns[:length] for length in lengths]),
        np.concatenate([words[:length] for length in lengths]),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        numbers.matrix,
        numbers.emissions,
        numbers.start,
        silence_days=np.array([*[0.0] * (len(lengths) - 1), silence]),
        half_life_days=sheet.half_life_days,
    )
    rows = [(fact.label, fact.occurred_at, WORDS[Word(fact.word)]) for fact, _ in known[lengths[0] - 1 :]]
    rows += [(f"{silence:.0f} day{'' if round(silence) == 1 else 's'} without a sign", inputs.as_of, "")]
    return tuple(
        Sign(text, at, word, sheet.stages[int(position.argmax())].name, float(position.max()))
        for (text, at, word), position in zip(rows, positions, strict=True)
    )
