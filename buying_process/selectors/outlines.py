"""A version as it is compared: its stages with what they hold, and its moves, read in four queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, StageNeed, Transition, Version

Row = TypeVar("Row", StageActivity, StageNeed)


@dataclass(frozen=True, slots=True, eq=False)
class OutlineStage:
    """A stage with its activities in their order and its needs."""

    stage: Stage
    activities: tuple[StageActivity, ...]
    needs: tuple[StageNeed, ...]

    @property
    def theirs(self) -> tuple[StageActivity, ...]:
        """Give what customers do here."""
        return tuple(activity for activity in self.activities if activity.actor == Actor.CUSTOMER)

    @property
    def held(self) -> frozenset[object]:
        """Give what the stage is known by: the codes of the customer's activities."""
        return frozenset(activity.code_id or activity.name.casefold() for activity in self.theirs)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A version, its stages by position, and its moves by where they start and where they lead.

    A move is known by numbers of stages; it leads to a stage's number or to an outcome.
    """

    version: Version
    stages: tuple[OutlineStage, ...]
    moves: dict[tuple[int, int | str], Transition]

    @property
    def interviews(self) -> int:
        """Give how many interviews stand behind it."""
        return int(self.version.derivation.get("interviews", 0))

    @property
    def label(self) -> str:
        """Name the version among others of its process."""
        if self.version.proposed_for_id:
            return "Proposal"
        word = "Draft" if self.version.status == "draft" else "Version"
        return f"{word} {self.version.number}"


def outline_of(version: Version) -> Outline:
    """Read a version. Five queries."""
    stages = list(version.stages.order_by("position"))
    rows = StageActivity.objects.filter(stage__version=version).prefetch_related("skills")
    rows = rows.order_by("stage", "position", "pk")
    activities = _by_stage(rows)
    needs = _by_stage(StageNeed.objects.filter(stage__version=version).order_by("stage", "kind", "-told", "name"))
    number = {stage.pk: index for index, stage in enumerate(stages)}
    moves: dict[tuple[int, int | str], Transition] = {
        (number[move.from_stage_id], number[move.to_stage_id] if move.to_stage_id else move.outcome): move
        for move in Transition.objects.filter(version=version)
    }
    return Outline(
        version,
        tuple(
            OutlineStage(stage, tuple(activities.get(stage.pk, ())), tuple(needs.get(stage.pk, ()))) for stage in stages
        ),
        moves,
    )


def _by_stage(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.stage_id, []).append(row)
    return found
