"""How deals are measured: position, score, outlook and chaos of a batch, by the mathematics of `journey`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from deals.choices import Reason
from deals.selectors.batches import REASONS, Batch, Found, measure_batch
from deals.selectors.inputs import DealInputs, SignalRow, inputs_of
from deals.selectors.outlooks import in_force
from deals.selectors.sheets import Item, Numbers, Sheet
from journey.alignment import Components, components_of
from journey.checks import Array, BoolArray
from journey.facts import Facts

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
    found = measure_batch(_batch(group, sheet, numbers))
    for row, inputs in enumerate(group):
        yield _measured(inputs, sheet, numbers, found, row)


def _batch(group: list[DealInputs], sheet: Sheet, numbers: Numbers) -> Batch:
    known = [inputs.known_signals() for inputs in group]
    efforts = [(row, stages) for row, inputs in enumerate(group) for stages in inputs.efforts]
    served = np.zeros((len(efforts), len(sheet.stages)), dtype=np.bool_)
    for effort, (_, stages) in enumerate(efforts):
        served[effort, list(stages)] = True
    return Batch(
        sheet=sheet,
        numbers=numbers,
        stage=np.array([-1 if inputs.stage is None else inputs.stage for inputs in group], dtype=np.int64),
        columns=np.array([signal.column for signals in known for signal in signals], dtype=np.int64),
        words=np.array([signal.word for signals in known for signal in signals], dtype=np.float64),
        offsets=np.concatenate([[0], np.cumsum([len(signals) for signals in known])]).astype(np.int64),
        moments=np.array(_moments(group, known), dtype=np.float64),
        silence=np.array([_silence(inputs, signals) for inputs, signals in zip(group, known, strict=True)]),
        age=np.array([max((inputs.as_of - inputs.opened_at) / DAY, 0.0) for inputs in group]),
        learned=[in_force(sheet.outlooks, inputs.as_of, numbers.fit_id) for inputs in group],
        settled=_there(sheet.evidence, [inputs.settled for inputs in group]),
        engaged=_there(sheet.roles, [inputs.engaged for inputs in group]),
        met=_there(sheet.information, [inputs.met for inputs in group]),
        efforts=served,
        effort_deals=np.array([row for row, _ in efforts], dtype=np.int64),
    )


def _moments(group: list[DealInputs], known: list[list[SignalRow]]) -> list[float]:
    """Give the days from each deal's opening to its signals."""
    return [
        (signal.occurred_at - inputs.opened_at) / DAY
        for inputs, signals in zip(group, known, strict=True)
        for signal in signals
    ]


def _there(items: tuple[Item, ...], keys: list[set[str]]) -> BoolArray:
    """Say of each deal which of the items it has, (deals, items)."""
    table = [[item.key in has for item in items] for has in keys]
    return np.array(table, dtype=np.bool_).reshape(len(keys), len(items))


def _measured(inputs: DealInputs, sheet: Sheet, numbers: Numbers, found: Found, row: int) -> Measured:
    return Measured(
        deal_id=inputs.deal_id,
        workspace_id=inputs.workspace_id,
        as_of=inputs.as_of,
        fit_id=numbers.fit_id,
        score=_number(found.scores[row]),
        reason=REASONS[found.reason[row]],
        components=components_of(found.components[row]),
        weights=components_of(found.weights[row]),
        position=tuple(found.positions[row].tolist()),
        tomorrow=tuple(found.tomorrow[row].tolist()),
        likely_stage_id=sheet.stages[int(found.likely[row])].id,
        gap=_number(found.gap[row]),
        outlook=tuple(found.outlook[row].tolist()),
        moments_left=float(found.moments_left[row]),
        days_left=float(found.days_left[row]),
        returns_seen=int(found.returns_seen[row]),
        returns_expected=float(found.returns_expected[row]),
        entropy=float(found.entropy[row]),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def evidence_settled(inputs: DealInputs) -> float:
    """Give the share of the version's exit evidence that is settled."""
    asked = inputs.sheet.evidence if inputs.sheet else ()
    return sum(item.key in inputs.settled for item in asked) / len(asked) if asked else 0.0


def _silence(inputs: DealInputs, signals: list[SignalRow]) -> float:
    """Give the days since the last signal; a clock that runs ahead of ours is no silence."""
    return max((inputs.as_of - signals[-1].occurred_at) / DAY, 0.0) if signals else 0.0


def likely_next(sheet: Sheet, numbers: Numbers, tomorrow: Array) -> Array:
    """Give how likely each customer activity is as the next one seen, (n,), summing to 1."""
    return np.asarray(tomorrow @ numbers.emissions)
