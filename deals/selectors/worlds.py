"""A deal as it was known at some moment, put together anew from what was logged, to measure it as it was then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deals.choices import SETTLING_WORDS, WORD_WEIGHT, FactKind
from deals.models import Deal
from deals.selectors.inputs import EFFORT_DAYS, DealInputs, SignalRow
from deals.selectors.logged import Logged, Person
from deals.selectors.measures import Measured, measure_inputs
from deals.selectors.sheets import Sheet, need_key, role_key


@dataclass(frozen=True, slots=True)
class World:
    """What counted at `at` by a version: facts oldest first, people, and our work of the 30 days before `work`."""

    sheet: Sheet
    facts: tuple[Logged, ...]
    people: tuple[Person, ...]
    at: datetime
    work: datetime


def measure_worlds(worlds: Sequence[World], deal: Deal) -> list[Measured]:
    """Measure the deal in each."""
    found = measure_inputs(inputs_in(world, deal, number) for number, world in enumerate(worlds))
    return [found[number] for number in range(len(worlds))]


def inputs_in(world: World, deal: Deal, number: int) -> DealInputs:
    """Give what the score depended on; `number` tells worlds apart."""
    sheet = world.sheet
    met = [fact for fact in world.facts if fact.kind == FactKind.NEED]
    return DealInputs(
        deal_id=number,
        workspace_id=deal.workspace_id,
        sheet=sheet,
        stage=_stage(world),
        is_open=False,
        as_of=world.at,
        opened_at=deal.opened_at,
        channels=tuple(deal.channels),
        signals=[
            SignalRow(fact.occurred_at, sheet.column_of(fact.code_id, fact.label), WORD_WEIGHT[fact.said])
            for fact in world.facts
            if fact.kind == FactKind.SIGNAL and fact.said is not None
        ],
        settled={_need(fact) for fact in met if fact.said in SETTLING_WORDS},
        met={_need(fact) for fact in met if not deal.channels or fact.channel in deal.channels},
        engaged={
            key for each in world.people for key in (role_key(each.role_id, each.role), role_key(None, each.role))
        },
        efforts=[sheet.ours_by_name.get(fact.label.lower(), ()) for fact in work_of(world.facts, world.work)],
    )


def work_of(facts: Sequence[Logged], at: datetime) -> list[Logged]:
    """Give what we did in the 30 days before a moment."""
    since = at - timedelta(days=EFFORT_DAYS)
    return [fact for fact in facts if fact.kind == FactKind.EFFORT and fact.occurred_at > since]


def _stage(world: World) -> int | None:
    moves = [fact for fact in world.facts if fact.kind == FactKind.STAGE and fact.version_id == world.sheet.version_id]
    return world.sheet.stage_index.get(moves[-1].stage_id or 0) if moves else None


def _need(fact: Logged) -> str:
    return need_key(fact.need_kind, fact.label, fact.need_channel)
