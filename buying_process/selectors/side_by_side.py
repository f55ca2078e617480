"""Several versions next to each other, as a page shows them: stages that are one and the same stand in one row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import Membership
from buying_process.models import StageActivity, Version
from buying_process.selectors.comparison import Comparison, compare
from buying_process.selectors.outlines import Outline, OutlineStage, outline_of

MOST_VERSIONS = 4


@dataclass(frozen=True, slots=True)
class ShownActivity:
    """An activity in a cell: `mark` says where else it is, or that it is only here; empty where it stands alike."""

    name: str
    actor: str
    purpose: str
    told: float
    mark: str


@dataclass(frozen=True, slots=True)
class ShownStage:
    """A stage in a column."""

    held: OutlineStage
    place: int
    activities: tuple[ShownActivity, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A version with its heading, and what is told in it alone."""

    outline: Outline
    title: str
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """Columns, rows of cells (None where a version has no such stage), and each comparison with the first version."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[ShownStage | None, ...], ...]
    comparisons: tuple[Comparison, ...]


def comparable(membership: Membership) -> QuerySet[Version]:
    """Give the versions that a member may compare: those they see, and to sales ops proposals too."""
    versions = Version.objects.filter(workspace_id=membership.workspace_id)
    if membership.role != Role.DESIGNER:
        versions = Version.objects.visible_to(membership)
    return versions.select_related("process__segment", "proposed_for").order_by("process__name", "-number")


def side_by_side(versions: Sequence[Version]) -> SideBySide:
    """Put versions next to the first of them. Four queries a version."""
    outlines = [outline_of(version) for version in versions]
    comparisons = [compare(outlines[0], other) for other in outlines[1:]]
    homes = [_homes(outline) for outline in outlines]
    one_process = len({version.process_id for version in versions}) == 1
    columns = tuple(
        Column(outline, _title(outline, one_process=one_process), _only(index, homes))
        for index, outline in enumerate(outlines)
    )
    rows = tuple(
        tuple(
            None if number is None else _shown(outlines[index], number, index, row, homes)
            for index, number in enumerate(row)
        )
        for row in _rows(outlines, comparisons)
    )
    return SideBySide(columns, rows, tuple(comparisons))


def _title(outline: Outline, *, one_process: bool) -> str:
    segment = outline.version.derivation.get("segment")
    name = outline.label if one_process else f"{outline.version.process.name}, {outline.label.lower()}"
    return f"{name}: {segment}" if segment else name


def _rows(outlines: Sequence[Outline], comparisons: Sequence[Comparison]) -> list[list[int | None]]:
    rows: list[list[int | None]] = [[number, *([None] * len(comparisons))] for number in range(len(outlines[0].stages))]
    for index, comparison in enumerate(comparisons, start=1):
        of_first = {row[0]: row for row in rows if row[0] is not None}
        last: list[int | None] | None = None
        for number in range(len(comparison.after.stages)):
            origin = comparison.origin_of.get(number)
            if origin is not None:
                last = of_first[origin]
            else:
                fresh: list[int | None] = [None] * len(outlines)
                rows.insert(rows.index(last) + 1 if last in rows and last is not None else 0, fresh)
                last = fresh
            last[index] = number
    return rows


def _homes(outline: Outline) -> dict[object, tuple[int, StageActivity]]:
    return {
        _key(activity): (number, activity) for number, held in enumerate(outline.stages) for activity in held.activities
    }


def _key(activity: StageActivity) -> object:
    return activity.code_id or (activity.actor, activity.name.casefold())


def _only(index: int, homes: Sequence[dict[object, tuple[int, StageActivity]]]) -> tuple[str, ...]:
    others = {key for other, home in enumerate(homes) if other != index for key in home}
    return tuple(activity.name for key, (_, activity) in homes[index].items() if key not in others)


def _shown(
    outline: Outline,
    number: int,
    index: int,
    row: Sequence[int | None],
    homes: Sequence[dict[object, tuple[int, StageActivity]]],
) -> ShownStage:
    held = outline.stages[number]
    reference = 1 if index == 0 else 0
    activities = tuple(
        ShownActivity(
            activity.name,
            activity.actor,
            activity.purpose,
            activity.told,
            _mark(_key(activity), index, homes, row[reference], homes[reference]),
        )
        for activity in held.activities
    )
    return ShownStage(held, number + 1, activities)


def _mark(
    key: object,
    index: int,
    homes: Sequence[dict[object, tuple[int, StageActivity]]],
    there: int | None,
    reference: dict[object, tuple[int, StageActivity]],
) -> str:
    if not any(key in home for other, home in enumerate(homes) if other != index):
        return "only here"
    if key in reference and reference[key][0] != there:
        return f"there in stage {reference[key][0] + 1}"
    return ""
