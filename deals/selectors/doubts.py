"""What stands on thin ground in a deal's figures, in sentences: few tellings, uncertain moves, a wide position."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from buying_process.models import Transition
from deals.choices import WORD_WEIGHT, FactKind, Word
from deals.selectors.explanation import LIKELY, Explanation
from deals.selectors.inputs import DealInputs
from deals.selectors.logged import Logged
from deals.selectors.measures import DAY
from deals.selectors.sheets import Sheet
from journey.stability import DISSOLVED

SURE, UNSURE = 0.4, 0.75  # shares of the largest entropy: below the first, and from the second on
WIDE = 0.6  # share of the largest entropy; from here on several stages are about as likely
FEW_VOICES = 3  # interviews; what fewer tell is not solid
FEW_SIGNS = 3
OWN_WORD = 0.5
LONG_SILENCE = 2.0  # half-lives
WIDE_MOVE = 0.30  # of a share between the ends of its interval
NAMED = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """What little is known of, and what would make it firmer."""

    title: str
    sentence: str
    remedy: str


def doubts_of(inputs: DealInputs, why: Explanation, facts: Sequence[Logged]) -> list[Doubt]:
    """Say what the figures of a deal rest on that is weak, what concerns the deal first. One query."""
    sheet = inputs.sheet
    if sheet is None or not why.position:
        return []
    signs = [fact for fact in facts if fact.kind == FactKind.SIGNAL and fact.retracted_at is None]
    found = [
        _wide(sheet, why),
        _few_signs(signs),
        _own_word(signs),
        _unknown(sheet, signs),
        _silence(inputs, sheet),
        _stages_told(sheet, why),
        _one_voice(sheet, signs),
        *_moves(sheet, why),
    ]
    return [doubt for doubt in found if doubt is not None]


def sureness(why: Explanation) -> str:
    """Say how sure we are of where they are; empty where nothing was measured."""
    if why.entropy is None:
        return ""
    return "fairly sure" if why.entropy < SURE else "not very sure" if why.entropy < UNSURE else "unsure"


def _likely(why: Explanation) -> list[int]:
    return [int(stage) for stage in np.argsort(why.position)[::-1] if why.position[stage] >= LIKELY]


def _wide(sheet: Sheet, why: Explanation) -> Doubt | None:
    if why.entropy is None or why.entropy < WIDE:
        return None
    places = " or ".join(f"“{sheet.stages[stage].name}” ({why.position[stage]:.0%})" for stage in _likely(why)[:NAMED])
    return Doubt("Where they are", f"They may be at {places}.", "One thing that they confirm themselves settles most.")


def _few_signs(signs: Sequence[Logged]) -> Doubt | None:
    if len(signs) >= FEW_SIGNS:
        return None
    said = "No sign of them is" if not signs else f"Only {_count(len(signs), 'sign')} of them {_is(len(signs))}"
    return Doubt("Few signs", f"{said} logged on this deal.", "Log what else they did, also what is long past.")


def _own_word(signs: Sequence[Logged]) -> Doubt | None:
    ours = sum(fact.word == Word.REPORTED for fact in signs)
    if not ours or ours < OWN_WORD * len(signs):
        return None
    sentence = (
        f"Signs that rest on our own word alone: {ours} of {len(signs)}. It counts {WORD_WEIGHT[Word.REPORTED]:.0%}."
    )
    return Doubt("Our word alone", sentence, "Ask them, and log what they confirm.")


def _unknown(sheet: Sheet, signs: Sequence[Logged]) -> Doubt | None:
    names = sorted({fact.label for fact in signs if sheet.column_of(fact.code_id, fact.label) is None})
    if not names:
        return None
    sentence = f"The process does not know {_quoted(names)}, so that these signs count for nothing."
    return Doubt("Signs that do not count", sentence, "Its designer can add them to the next version.")


def _silence(inputs: DealInputs, sheet: Sheet) -> Doubt | None:
    signals = inputs.known_signals()
    days = (inputs.as_of - signals[-1].occurred_at) / DAY if signals else 0.0
    if days < LONG_SILENCE * sheet.half_life_days:
        return None
    sentence = f"Their last sign is {days:.0f} days old; by now they have probably moved, and we do not know where to."
    return Doubt("A long silence", sentence, "Ask them where they are.")


def _stages_told(sheet: Sheet, why: Explanation) -> Doubt | None:
    stages = [sheet.stages[stage] for stage in _likely(why)]
    thin = [stage for stage in stages if stage.told < FEW_VOICES]
    if not thin or not sheet.interviews:
        return None
    told = " and ".join(
        f"{f'only {stage.told}' if stage.told else 'none'} {_tell(stage.told)} of “{stage.name}”" for stage in thin
    )
    return Doubt("Few tellings", f"Of {sheet.interviews} interviews, {told}.", "Interview more customers.")


def _one_voice(sheet: Sheet, signs: Sequence[Logged]) -> Doubt | None:
    told = {activity.column: activity.told for activity in sheet.customer_activities if activity.column is not None}
    columns = {fact.label: sheet.column_of(fact.code_id, fact.label) for fact in signs}
    names = sorted(name for name, column in columns.items() if column is not None and told.get(column, 0) <= 1)
    if not names or not sheet.interviews:
        return None
    sentence = f"At most one interview tells of {_quoted(names)}, so that we hardly know what {_it(names)} means."
    return Doubt("One voice", sentence, "Ask the next customers about it.")


def _moves(sheet: Sheet, why: Explanation) -> list[Doubt | None]:
    """Say of the likely stages where customers go from there that is uncertain, and whether they hold together."""
    likely = [sheet.stages[stage].id for stage in _likely(why)]
    rows = list(
        Transition.objects.filter(version_id=sheet.version_id, from_stage__in=likely).select_related(
            "from_stage", "to_stage"
        )
    )
    shaky = sorted({row.from_stage.name for row in rows if (row.from_stage.stability or 1.0) < DISSOLVED})
    wide = [row for row in rows if row.low is not None and row.high is not None and row.high - row.low >= WIDE_MOVE]
    wide.sort(key=lambda row: (row.low or 0.0) - (row.high or 0.0))
    moves = "; ".join(
        f"from “{row.from_stage}”, between {row.low or 0:.0%} and {row.high or 0:.0%} {_ends(row)}"
        for row in wide[:NAMED]
    )
    return [
        Doubt(
            "A stage that may be none",
            f"{_quoted(shaky)} would come out otherwise with other interviews.",
            "More interviews settle it.",
        )
        if shaky
        else None,
        Doubt("Uncertain moves", f"{moves[:1].upper()}{moves[1:]}.", "More interviews narrow this down.")
        if moves
        else None,
    ]


def _ends(row: Transition) -> str:
    if row.to_stage is None:
        return {"won": "buy from us", "lost": "buy from another"}.get(row.outcome, "decide nothing")
    return "stay for another step" if row.to_stage_id == row.from_stage_id else f"go to “{row.to_stage}”"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _tell(number: int) -> str:
    return "tells" if number <= 1 else "tell"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "each"


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
