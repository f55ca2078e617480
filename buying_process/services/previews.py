"""What splitting or merging stages would come to, worked out without changing anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from buying_process.choices import Actor, Need
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.selectors.stories import typical_days
from buying_process.services.fitting import Shape, fit_shape, shape_of, tellers_by_stage
from buying_process.services.stages import going_along
from buying_process.services.told import Tellers, need_key, tellers_of, told_in

NEW = -1  # the id of a stage that is not there yet


@dataclass(frozen=True, slots=True)
class Part:
    """A stage as it would be."""

    name: str
    told: int
    days: float | None
    activities: tuple[StageActivity, ...]
    needs: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]  # by the kind's label: the name, how many told it


@dataclass(frozen=True, slots=True)
class Way:
    """A share of customers that would go from one of these stages to another stage, and how often it was told."""

    start: str
    end: str
    share: float
    seen: float


@dataclass(frozen=True, slots=True)
class Preview:
    """The stages that would be there in place of those that are, and the ways between them and to their neighbours."""

    parts: tuple[Part, ...]
    ways: tuple[Way, ...]


def split_preview(*, stage: Stage, name: str, chosen: Collection[int]) -> Preview:
    """Give what splitting a stage would come to. `chosen` are ids of the customer's activities that go."""
    version = stage.version
    held = list(stage.activities.order_by("position", "pk"))
    gone = set(going_along(held, chosen))
    made = Stage(pk=NEW, version=version, position=stage.position + 1, name=" ".join(name.split()) or "The new stage")
    shape = shape_of(version)
    stages = [other for row in shape.stages for other in ((row, made) if row.pk == stage.pk else (row,))]
    for activity in shape.activities:
        if activity.pk in chosen:
            activity.stage_id = NEW
    seen = {stage.pk: [row for row in held if row.pk not in gone], NEW: [row for row in held if row.pk in gone]}
    needs = list(stage.needs.all())
    return _preview(version, replace(shape, stages=tuple(stages)), seen, needs)


def merge_preview(*, stage: Stage, into: Stage) -> Preview:
    """Give what merging a stage into another would come to."""
    version = stage.version
    shape = shape_of(version)
    for activity in shape.activities:
        if activity.stage_id == stage.pk:
            activity.stage_id = into.pk
    stages = tuple(row for row in shape.stages if row.pk != stage.pk)
    held = [*into.activities.order_by("position", "pk"), *stage.activities.order_by("position", "pk")]
    needs = {need_key(need): need for need in [*stage.needs.all(), *into.needs.all()]}
    return _preview(version, replace(shape, stages=stages), {into.pk: held}, list(needs.values()))


def _preview(
    version: Version, shape: Shape, held: Mapping[int, Sequence[StageActivity]], needs: Sequence[StageNeed]
) -> Preview:
    told, days = tellers_by_stage(shape), typical_days(shape.stories, shape.stage_of)
    homes = {code: shape.stages[number].pk for code, number in shape.stage_of.items()}
    tellers = tellers_of(version, homes)
    parts = [
        Part(
            stage.name,
            told[number],
            days.get(number),
            _theirs_first(held[stage.pk]),
            _needs(tellers, stage, needs, held),
        )
        for number, stage in enumerate(shape.stages)
        if stage.pk in held
    ]
    return Preview(tuple(parts), tuple(_ways(shape, held)))


def _theirs_first(activities: Sequence[StageActivity]) -> tuple[StageActivity, ...]:
    return tuple(sorted(activities, key=lambda activity: activity.actor != Actor.CUSTOMER))


def _needs(
    tellers: Tellers, stage: Stage, needs: Sequence[StageNeed], held: Collection[int]
) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """Give the needs of a part: those told there; what a person added stays with the stage that is there already."""
    alone = len(held) == 1
    found: dict[str, list[tuple[str, int]]] = {}
    for need in needs:
        told = told_in(tellers, stage.pk, need)
        if alone or told or (stage.pk != NEW and (need.code_id is None or need.pinned)):
            found.setdefault(need.kind, []).append((need.name, told))
    return tuple(
        (kind.label, tuple(sorted(found[kind], key=lambda need: (-need[1], need[0].casefold()))))
        for kind in Need
        if kind in found
    )


def _ways(shape: Shape, held: Collection[int]) -> list[Way]:
    if not shape.activities:
        return []
    fit = fit_shape(shape)
    return [
        Way(start.name, end.name, float(fit.transitions.matrix[row, column]), float(fit.counts[row, column]))
        for row, start in enumerate(shape.stages)
        for column, end in enumerate(shape.stages)
        if row != column and fit.counts[row, column] > 0 and (start.pk in held or end.pk in held)
    ]
