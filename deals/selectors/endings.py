"""How a deal may end, in words: by what it is reckoned, and what speaks for a win or against it."""

from dataclasses import dataclass

import numpy as np

from deals.selectors.inputs import DealInputs
from deals.selectors.measures import DAY, Measured, evidence_settled
from deals.selectors.outlooks import LearnedOutlook, in_force, largest_terms
from journey.learned import Known
from journey.looks import longest_silence
from journey.outlook import outlook


@dataclass(frozen=True, slots=True)
class EndingReason:
    """One thing that makes a win likelier, or less likely, than with the average deal that ended."""

    text: str
    lifts: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a deal's outlook comes from: `deals` that ended, or, where they are 0, how customers told that they buy."""

    deals: int = 0
    won: int = 0
    reasons: tuple[EndingReason, ...] = ()


def ending_of(inputs: DealInputs, found: Measured) -> Ending:
    """Say by what the outlook of a measured deal is reckoned."""
    sheet, signals = inputs.sheet, inputs.known_signals()
    if sheet is None or sheet.numbers is None or not signals:
        return Ending()
    past = in_force(sheet.outlooks, inputs.as_of, sheet.numbers.fit_id)
    return Ending() if past is None else Ending(past.deals, past.won, _reasons(past, inputs, found))


def _reasons(past: LearnedOutlook, inputs: DealInputs, found: Measured) -> tuple[EndingReason, ...]:
    sheet, signals = inputs.sheet, inputs.known_signals()
    if past.learned is None or sheet is None or sheet.numbers is None:
        return ()
    days = [(signal.occurred_at - inputs.opened_at) / DAY for signal in signals]
    age = np.array([max((inputs.as_of - inputs.opened_at) / DAY, 0.0)])
    position = np.array([found.position])
    known = Known(
        outcomes=outlook(position, sheet.numbers.matrix).outcomes,
        position=position,
        age=age,
        silence=longest_silence(days, [0, len(days)], age),
        returns=np.array([found.returns_seen]),
        settled=np.array([evidence_settled(inputs)]),
    )
    columns = np.array([signal.column for signal in signals], dtype=np.int64)
    words = _words(inputs, known)
    return tuple(EndingReason(words[term], lifts) for term, lifts in largest_terms(past.learned, columns, known))


def _words(inputs: DealInputs, known: Known) -> dict[str, str]:
    returns, age, silence = int(known.returns[0]), round(known.age[0]), round(known.silence[0])
    asked = inputs.sheet.evidence if inputs.sheet else ()
    settled = sum(item.key in inputs.settled for item in asked)
    return {
        "path": "What they did, and in which order",
        "place": "Where they probably are",
        "age": f"Open for {_days(age)}",
        "silence": f"Quiet for {_days(silence)} at the longest",
        "returns": f"They went back {_times(returns)}" if returns else "They never went back",
        "evidence": f"{settled} of {len(asked)} pieces of evidence settled on their side",
    }


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
