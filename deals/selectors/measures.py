"""How deals are measured: position, score, outlook and chaos of a batch, by the mathematics of `journey`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from deals.choices import Reason
from deals.selectors.inputs import DealInputs, SignalRow, inputs_of
from deals.selectors.outlooks import in_force, outlooks
from deals.selectors.sheets import Numbers, Sheet
from journey.alignment import Alignment, Components, Facts, align
from journey.chaos import returns_many
from journey.checks import Array, IntArray
from journey.learned import Known
from journey.looks import longest_silence
from journey.outlook import outlook
from journey.position import locate_many

NOTHING = Components(None, None, None, None, None)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What is known of a deal's alignment at `as_of`; probabilities and shares are 0 to 1, the score 0 to 100."""

    deal_id: int
    workspace_id: int
    as_of: datetime
    fit_id: int | None
    score: float | None
    reason: str
    components: Components
    weights: Components
    position: tuple[float, ...] = ()
    tomorrow: tuple[float, ...] = ()
    likely_stage_id: int | None = None
    gap: float | None = None
    outlook: tuple[float, ...] = ()
    moments_left: float | None = None
    days_left: float | None = None
    returns_seen: int = 0
    returns_expected: float = 0.0
    entropy: float | None = None


def measure(deal_ids: Collection[int], *, at: datetime | None = None) -> dict[int, Measured]:
    """Measure some deals as they stand, or as they stood at a moment in the past. Deals that are gone are left out."""
    return measure_inputs(inputs_of(deal_ids, at=at).values())


def measure_inputs(batch: Iterable[DealInputs]) -> dict[int, Measured]:
    """Measure deals whose inputs were read, those of one version together."""
    by_version: dict[int, list[DealInputs]] = {}
    found = {}
    for inputs in batch:
        if inputs.sheet is None or inputs.sheet.numbers is None:
            found[inputs.deal_id] = _without_process(inputs)
        else:
            by_version.setdefault(inputs.sheet.version_id, []).append(inputs)
    for group in by_version.values():
        for measured in _measure_together(group):
            found[measured.deal_id] = measured
    return found


def facts_of(inputs: DealInputs, position: Array) -> Facts:
    """Put a deal's inputs into the arrays that alignment is measured from."""
    sheet = inputs.sheet
    if sheet is None:
        raise ValueError("A deal without a process has no facts to measure.")
    efforts = np.zeros((len(inputs.efforts), len(sheet.stages)), dtype=np.bool_)
    for row, stages in enumerate(inputs.efforts):
        efforts[row, list(stages)] = True
    return Facts(
        position=position,
        stage=inputs.stage,
        evidence_stage=sheet.evidence_stage,
        evidence_entry=np.zeros(len(sheet.evidence), dtype=np.bool_),
        evidence_settled=np.array([item.key in inputs.settled for item in sheet.evidence], dtype=np.bool_),
        roles_needed=sheet.roles_needed,
        roles_engaged=np.array([item.key in inputs.engaged for item in sheet.roles], dtype=np.bool_),
        needs=sheet.information_needed,
        needs_met=np.array([item.key in inputs.met for item in sheet.information], dtype=np.bool_),
        efforts=efforts,
    )


def _without_process(inputs: DealInputs) -> Measured:
    return Measured(
        deal_id=inputs.deal_id,
        workspace_id=inputs.workspace_id,
        as_of=inputs.as_of,
        fit_id=None,
        score=None,
        reason=Reason.NO_PROCESS,
        components=NOTHING,
        weights=NOTHING,
    )


def _measure_together(group: list[DealInputs]) -> Iterable[Measured]:
    sheet, numbers = group[0].sheet, group[0].sheet.numbers if group[0].sheet else None
    if sheet is None or numbers is None:
        return
    known = [inputs.known_signals() for inputs in group]
    columns = np.array([signal.column for signals in known for signal in signals], dtype=np.int64)
    words = np.array([signal.word for signals in known for signal in signals], dtype=np.float64)
    offsets = np.concatenate([[0], np.cumsum([len(signals) for signals in known])]).astype(np.int64)
    silence = [_silence(inputs, signals) for inputs, signals in zip(group, known, strict=True)]
    positions = locate_many(
        columns,
        words,
        offsets,
        numbers.matrix,
        numbers.emissions,
        numbers.start,
        silence_days=silence,
        half_life_days=sheet.half_life_days,
    )
    ahead = outlook(positions, numbers.matrix)
    moments = np.atleast_1d(np.asarray(ahead.moments_left, dtype=np.float64))
    chaos = returns_many(numbers.home[columns], offsets, numbers.matrix, positions)
    learned = [in_force(sheet.outlooks, inputs.as_of, numbers.fit_id) for inputs in group]
    endings = outlooks(learned, columns, offsets, _known(group, known, ahead.outcomes, positions, chaos.observed))
    tomorrow = positions @ numbers.flow
    for row, inputs in enumerate(group):
        position = positions[row]
        found = align(facts_of(inputs, position), numbers.credit, numbers.matrix, sheet.weights)
        score, reason = _verdict(found, has_signals=bool(known[row]))
        yield Measured(
            deal_id=inputs.deal_id,
            workspace_id=inputs.workspace_id,
            as_of=inputs.as_of,
            fit_id=numbers.fit_id,
            score=score,
            reason=reason,
            components=found.components if score is not None else NOTHING,
            weights=found.weights if score is not None else NOTHING,
            position=tuple(position.tolist()),
            tomorrow=tuple(tomorrow[row].tolist()),
            likely_stage_id=sheet.stages[int(position.argmax())].id,
            gap=stage_gap(inputs.stage, position),
            outlook=tuple(endings[row].tolist()),
            moments_left=float(moments[row]),
            days_left=float(moments[row]) * sheet.days_between_moments,
            returns_seen=int(chaos.observed[row]),
            returns_expected=float(chaos.expected[row]),
            entropy=float(chaos.entropy[row]),
        )


def _known(
    group: list[DealInputs], signals: list[list[SignalRow]], outcomes: Array, positions: Array, returns: IntArray
) -> Known:
    """Gather what the learned outlook looks at."""
    age = np.array([max((inputs.as_of - inputs.opened_at) / DAY, 0.0) for inputs in group])
    pairs = zip(group, signals, strict=True)
    moments = [(signal.occurred_at - inputs.opened_at) / DAY for inputs, own in pairs for signal in own]
    offsets = np.concatenate([[0], np.cumsum([len(own) for own in signals])]).astype(np.int64)
    return Known(
        outcomes=outcomes,
        position=positions,
        age=age,
        silence=longest_silence(moments, offsets, age),
        returns=returns,
        settled=np.array([evidence_settled(inputs) for inputs in group]),
    )


def evidence_settled(inputs: DealInputs) -> float:
    """Give the share of the version's exit evidence that is settled."""
    asked = inputs.sheet.evidence if inputs.sheet else ()
    return sum(item.key in inputs.settled for item in asked) / len(asked) if asked else 0.0


def _silence(inputs: DealInputs, signals: list[SignalRow]) -> float:
    """Give the days since the last signal; a clock that runs ahead of ours is no silence."""
    return max((inputs.as_of - signals[-1].occurred_at) / DAY, 0.0) if signals else 0.0


def stage_gap(stage: int | None, position: Array) -> float | None:
    """Say how many stages ours is ahead (+) of the customer's expected one, or behind it (-)."""
    return None if stage is None else float(stage - np.arange(position.size) @ position)


def _verdict(found: Alignment, *, has_signals: bool) -> tuple[float | None, str]:
    """Give the score, or why there is none: a guess from how customers start is no alignment with this one."""
    if not has_signals:
        return None, Reason.NO_EVIDENCE
    return (None, Reason.NOTHING_TO_MEASURE) if found.score is None else (found.score, "")


def likely_next(sheet: Sheet, numbers: Numbers, tomorrow: Array) -> Array:
    """Give how likely each customer activity is as the next one seen, (n,), summing to 1."""
    return np.asarray(tomorrow @ numbers.emissions)
