"""Two versions beside each other: which stage is which, and what was added, taken away, moved or renamed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from buying_process.choices import WHERE, Actor, Need
from buying_process.models import StageActivity, StageNeed, Transition
from buying_process.selectors.outlines import Outline, OutlineStage
from interviews.choices import Channel, PurchaseOutcome
from journey.matching import assign, kept_in_order, overlaps

NAMESAKE = 0.2  # stages of one name belong together where their activities leave it open
NOTABLE = 0.005  # a share's change that rounds to nothing is none
NEED_WORDS = {
    Need.ROLE: "who takes part",
    Need.INFORMATION: "what they need to know",
    Need.EVIDENCE: "how they know it is done",
    Need.OBSTACLE: "what stalls them",
}


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One difference. `subject` is stage, activity or need; `way` is new, gone, moved, renamed or changed.

    `before` and `after` are the rows on either side; `source` and `target` the stages that hold them there.
    """

    subject: str
    way: str
    name: str
    sentence: str
    before: OutlineStage | StageActivity | StageNeed | None = None
    after: OutlineStage | StageActivity | StageNeed | None = None
    source: OutlineStage | None = None
    target: OutlineStage | None = None

    @property
    def key(self) -> str:
        """Name the change for as long as the rows are there: what a decision on it is kept under."""
        ids = [_pk(row) for row in (self.before, self.after)]
        place = self.target.stage.pk if self.target and self.way == "moved" else 0
        return f"{self.subject}:{self.way}:{ids[0]}:{ids[1]}:{place}"


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A move's share on either side; None where that side does not know it."""

    origin: str
    goal: str
    before: Transition | None
    after: Transition | None

    @property
    def change(self) -> float:
        """Give by how much the share rose."""
        return (self.after.share if self.after else 0.0) - (self.before.share if self.before else 0.0)

    @property
    def points(self) -> float:
        """Give the same in percentage points."""
        return 100 * self.change


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two outlines; `pairs` are numbers of stages that are one and the same.

    With `own_names`, sentences call a stage that both have as `before` does: the draft that a proposal is for.
    """

    before: Outline
    after: Outline
    pairs: dict[int, int] = field(default_factory=dict)
    own_names: bool = False

    def called(self, number: int) -> str:
        """Give what a stage of `after` is called in sentences."""
        origin = self.origin_of.get(number)
        if self.own_names and origin is not None:
            return self.before.stages[origin].stage.name
        return self.after.stages[number].stage.name

    @cached_property
    def origin_of(self) -> dict[int, int]:
        """Map stages of `after` to theirs of `before`."""
        return {after: before for before, after in self.pairs.items()}

    @cached_property
    def rows(self) -> list[tuple[int | None, int | None]]:
        """Give the stages side by side in the order of `after`, those that are gone behind what they followed."""
        rows: list[tuple[int | None, int | None]] = [
            (self.origin_of.get(number), number) for number in range(len(self.after.stages))
        ]
        for number in range(len(self.before.stages)):
            if number not in self.pairs:
                earlier = [place for place, (old, _) in enumerate(rows) if old is not None and old < number]
                rows.insert(max(earlier, default=-1) + 1, (number, None))
        return rows

    @cached_property
    def changes(self) -> list[Change]:
        """Give what is different: stages, then activities, then needs."""
        return [*self._stages(), *_activities(self), *_needs(self)]

    @cached_property
    def shares(self) -> list[ShareChange]:
        """Give the moves whose share is another, the largest change first."""
        found = [change for change in self._all_shares() if abs(change.change) >= NOTABLE]
        return sorted(found, key=lambda change: -abs(change.change))

    def _stages(self) -> Iterator[Change]:
        for number, new in enumerate(self.after.stages):
            old = self.before.stages[self.origin_of[number]] if number in self.origin_of else None
            if old is None:
                yield Change("stage", "new", new.stage.name, f"A new stage, {self._place(number)}.", after=new)
            elif old.stage.name != new.stage.name:
                sentence = f"“{old.stage.name}” is called “{new.stage.name}”."
                yield Change("stage", "renamed", old.stage.name, sentence, old, new)
        for number, old in enumerate(self.before.stages):
            if number not in self.pairs:
                yield Change("stage", "gone", old.stage.name, "No stage holds these activities together.", old)
        order = sorted(self.pairs)
        kept = kept_in_order([self.pairs[number] for number in order])
        for index, number in enumerate(order):
            if index not in kept:
                old, new = self.before.stages[number], self.after.stages[self.pairs[number]]
                sentence = f"It comes {self._place(self.pairs[number])}."
                yield Change("stage", "moved", old.stage.name, sentence, old, new)

    def _place(self, number: int) -> str:
        if number == 0:
            return "at the beginning"
        return f"after “{self.called(number - 1)}”"

    def _all_shares(self) -> Iterator[ShareChange]:
        ends: list[int | str] = ["won", "lost", "no_decision"]
        rows = self.rows
        goals: list[tuple[int | str | None, int | str | None]] = [*rows, *((end, end) for end in ends)]
        for old, new in rows:
            for old_goal, new_goal in goals:
                before = self.before.moves.get((old, old_goal)) if old is not None and old_goal is not None else None
                after = self.after.moves.get((new, new_goal)) if new is not None and new_goal is not None else None
                if before or after:
                    yield ShareChange(self._name(old, new), self._name(old_goal, new_goal), before, after)

    def _name(self, old: int | str | None, new: int | str | None) -> str:
        if isinstance(new, str):
            return str(PurchaseOutcome(new).label)
        if new is not None:
            return self.after.stages[new].stage.name
        return self.before.stages[int(old or 0)].stage.name


def compare(before: Outline, after: Outline, *, own_names: bool = False) -> Comparison:
    """Find which stage is which, by the customer's activities that they share; a name alone settles what these do not.

    Pairs whose activities have nothing in common are made only where neither holds any.
    """
    ones, others = before.stages, after.stages
    gain = overlaps([one.held for one in ones], [other.held for other in others])
    for row, one in enumerate(ones):
        for column, other in enumerate(others):
            empty = not one.held and not other.held
            namesakes = one.stage.name.casefold() == other.stage.name.casefold()
            if namesakes and (empty or gain[row, column] > 0 or not other.held or not one.held):
                gain[row, column] += NAMESAKE
    return Comparison(before, after, dict(assign(np.asarray(gain))), own_names)


def _activities(comparison: Comparison) -> Iterator[Change]:
    olds, news = _known(comparison.before), _known(comparison.after)
    for key, (number, new) in news.items():
        target = comparison.after.stages[number]
        if key not in olds:
            sentence = f"In “{comparison.called(number)}”{_teller(new)}."
            yield Change("activity", "new", new.name, sentence, after=new, target=target)
            continue
        place, old = olds[key]
        source = comparison.before.stages[place]
        if comparison.pairs.get(place) != number:
            sentence = f"From “{source.stage.name}” to “{comparison.called(number)}”."
            yield Change("activity", "moved", old.name, sentence, old, new, source, target)
        if old.name != new.name:
            sentence = f"“{old.name}” is called “{new.name}”."
            yield Change("activity", "renamed", old.name, sentence, old, new, source, target)
        if old.channels != new.channels:
            sentence = f"It reached them {_by(old)}, and does so {_by(new)}."
            yield Change("activity", "changed", old.name, sentence, old, new, source, target)
    for key, (place, old) in olds.items():
        if key not in news:
            source = comparison.before.stages[place]
            gone = "Nobody tells it any more" if old.actor == Actor.CUSTOMER else "Taken away"
            yield Change("activity", "gone", old.name, f"{gone}; it is in “{source.stage.name}”.", old, source=source)


def _by(activity: StageActivity) -> str:
    names = [Channel(channel).label.lower() for channel in activity.channels]
    return f"by {' and '.join(names)}" if names else "by a channel that nobody named"


def _teller(activity: StageActivity) -> str:
    return f", told by {activity.told:g}" if activity.actor == Actor.CUSTOMER else ""


def _known(outline: Outline) -> dict[object, tuple[int, StageActivity]]:
    """Map what activities are known by to their stage and row: the customer's by code, ours by who does what."""
    found: dict[object, tuple[int, StageActivity]] = {}
    for number, held in enumerate(outline.stages):
        for activity in held.activities:
            key = ("code", activity.code_id) if activity.code_id else (activity.actor, activity.name.casefold())
            while key in found:
                key = (*key, "again")  # one name may stand in two stages
            found[key] = (number, activity)
    return found


def _needs(comparison: Comparison) -> Iterator[Change]:
    for number, target in enumerate(comparison.after.stages):
        origin = comparison.origin_of.get(number)
        if origin is None:
            continue  # a new stage's needs come with it
        source = comparison.before.stages[origin]
        olds, news = _needs_by_key(source), _needs_by_key(target)
        fresh = [new for key, new in news.items() if key not in olds]
        gone = [old for key, old in olds.items() if key not in news]
        for old, new in _other_channel(gone, fresh):
            gone.remove(old)
            fresh.remove(new)
            sentence = f"Looked for {_where(new)} in “{comparison.called(number)}”, no longer {_where(old)}."
            yield Change("need", "moved", old.name, sentence, old, new, source, target)
        for new in fresh:
            sentence = _need_sentence(new, comparison.called(number))
            yield Change("need", "new", new.name, sentence, after=new, target=target)
        for old in gone:
            yield Change("need", "gone", old.name, _need_sentence(old, source.stage.name), old, source=source)


def _other_channel(gone: Sequence[StageNeed], fresh: Sequence[StageNeed]) -> list[tuple[StageNeed, StageNeed]]:
    """Give the information that stands on another channel: where one row went and one of the same name came."""
    pairs = []
    for new in fresh:
        namesakes = [old for old in gone if _same_words(old, new)]
        if len(namesakes) == 1 and sum(_same_words(other, new) for other in fresh) == 1:
            pairs.append((namesakes[0], new))
    return pairs


def _same_words(one: StageNeed, other: StageNeed) -> bool:
    return (one.kind, one.name.casefold()) == (other.kind, other.name.casefold())


def _where(need: StageNeed) -> str:
    return WHERE[Channel(need.channel)] if need.channel else "anywhere"


def _needs_by_key(held: OutlineStage) -> Mapping[tuple[str, object, str], StageNeed]:
    return {(need.kind, need.name.casefold(), need.channel): need for need in held.needs}


def _need_sentence(need: StageNeed, stage: str) -> str:
    where = f" ({need.get_channel_display().lower()})" if need.channel else ""
    told = f", told by {need.told}" if need.told else ""
    words = NEED_WORDS[Need(need.kind)]
    return f"{words[0].upper()}{words[1:]} in “{stage}”{where}{told}."


def _pk(row: OutlineStage | StageActivity | StageNeed | None) -> int:
    if row is None:
        return 0
    return int(row.stage.pk if isinstance(row, OutlineStage) else row.pk)
