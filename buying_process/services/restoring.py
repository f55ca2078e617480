"""Putting rows of a draft back as an edit found them: what undo and redo are made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from buying_process.models import Edit, Skill, Stage, StageActivity, StageNeed, Version
from core.exceptions import ConflictError
from core.write import change, create
from interviews.models import Code

Rows = dict[tuple[str, int], dict[str, Any]]
Step = tuple[Mapping[str, Any], dict[str, Any] | None, dict[str, Any] | None]  # a row of an edit, expected, wanted
SOFT = {"pinned", "stability", "told"}  # by-products of edits: put back, and no reason to refuse
MODELS: dict[str, type[Stage] | type[StageActivity] | type[StageNeed]] = {
    "stage": Stage,
    "activity": StageActivity,
    "need": StageNeed,
}


def refuse_changed(draft: Version, edit: Edit, steps: Iterable[Step], now: Rows) -> None:
    """Refuse where a row is no longer as the edit left it, and say who changed it where that is known."""
    for row, expected, _ in steps:
        current = now.get((row["kind"], row["pk"]))
        same = (current is None) == (expected is None)
        if same and current is not None and expected is not None:
            same = all(current[name] == value for name, value in expected.items() if name not in SOFT)
        if not same:
            raise ConflictError(f"{_who(draft, edit, row)} changed “{row['name']}” since; look at how it stands now.")


def bring_back(draft: Version, rows: Sequence[tuple[str, int, dict[str, Any]]]) -> None:
    """Make the rows that are missing and set the values of the others: stages first, then what they hold."""
    for kind, pk, values in sorted(rows, key=lambda row: list(MODELS).index(row[0])):
        known = MODELS[kind].objects.filter(pk=pk).first()
        if known is None:
            _make(draft, kind, pk, dict(values))
        else:
            _set(draft, known, dict(values))
    # what an activity helps may itself have come back just now
    for kind, pk, values in rows:
        if kind == "activity" and values.get("facilitates_id"):
            helped = StageActivity.objects.filter(pk=values["facilitates_id"], stage__version=draft).first()
            change(StageActivity.objects.get(pk=pk), facilitates=helped)


def take_away(draft: Version, rows: Sequence[tuple[str, int, str]]) -> None:
    """Take the rows away; refuse where somebody has put something into them since."""
    for kind, pk, name in sorted(rows, key=lambda row: -list(MODELS).index(row[0])):
        if kind == "stage":
            _refuse_full(Stage.objects.get(pk=pk))
        if kind == "activity" and StageActivity.objects.filter(facilitates_id=pk).exists():
            raise ConflictError(f"Something helps “{name}” by now; say first what else that helps.")
        MODELS[kind].objects.filter(pk=pk).delete()
    number_stages(draft, list(draft.stages.order_by("position").values_list("pk", flat=True)))


def put_in_order(draft: Version, orders: Mapping[str, tuple[Sequence[int], Sequence[int]]]) -> None:
    """Number stages, and the activities of stages, as they were; what came in between keeps its neighbour."""
    for place, (expected, wanted) in orders.items():
        if place == "stages":
            now = list(draft.stages.order_by("position").values_list("pk", flat=True))
            number_stages(draft, reordered(now, wanted))
            continue
        rows = StageActivity.objects.filter(stage_id=int(place), stage__version=draft).order_by("position", "pk")
        ids = list(rows.values_list("pk", flat=True))
        common = set(ids) & set(expected)
        if [pk for pk in expected if pk in common] == [pk for pk in ids if pk in common]:
            ids = reordered(ids, wanted)
        by_id = {row.pk: row for row in rows}
        for position, pk in enumerate(ids):
            by_id[pk].position = position
        StageActivity.objects.bulk_update(by_id.values(), ["position"])


def reordered(now: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Give what is there in the order that is wanted; what that does not name stays behind its neighbour."""
    order = [pk for pk in wanted if pk in set(now)]
    for place, pk in enumerate(now):
        if pk not in set(wanted):
            order.insert(order.index(now[place - 1]) + 1 if place else 0, pk)
    return order


def number_stages(draft: Version, ids: Sequence[int]) -> None:
    """Store the order of a draft's stages."""
    stages = {stage.pk: stage for stage in draft.stages.all()}
    for position, pk in enumerate(ids):
        stages[pk].position = position
    Stage.objects.bulk_update(stages.values(), ["position"])


def _make(draft: Version, kind: str, pk: int, values: dict[str, Any]) -> None:
    if kind == "stage":
        create(Stage(pk=pk, workspace_id=draft.workspace_id, version=draft, position=draft.stages.count(), **values))
        return
    values["stage"] = _stage(draft, values.pop("stage_id"))
    values["code"] = Code.objects.filter(pk=values.pop("code_id")).first()
    skills = values.pop("skills", [])
    values.pop("facilitates_id", None)
    made = create(MODELS[kind](pk=pk, workspace_id=draft.workspace_id, **values))
    if isinstance(made, StageActivity):
        made.skills.set(Skill.objects.filter(pk__in=skills))


def _set(draft: Version, row: Stage | StageActivity | StageNeed, values: dict[str, Any]) -> None:
    if "stage_id" in values:
        values["stage"] = _stage(draft, values.pop("stage_id"))
    if "code_id" in values:
        values["code"] = Code.objects.filter(pk=values.pop("code_id")).first()
    if "facilitates_id" in values:
        values["facilitates"] = StageActivity.objects.filter(
            pk=values.pop("facilitates_id"), stage__version=draft
        ).first()
    skills = values.pop("skills", None)
    change(row, **values)
    if skills is not None and isinstance(row, StageActivity):
        row.skills.set(Skill.objects.filter(pk__in=skills))


def _stage(draft: Version, pk: int) -> Stage:
    stage = draft.stages.filter(pk=pk).first()
    if stage is None:
        raise ConflictError("The stage that it belonged to is gone.")
    return stage


def _refuse_full(stage: Stage) -> None:
    held = [*stage.activities.values_list("name", flat=True), *stage.needs.values_list("name", flat=True)]
    if held:
        raise ConflictError(f"“{stage.name}” holds “{held[0]}” by now; move that to another stage first.")


def _who(draft: Version, edit: Edit, row: Mapping[str, Any]) -> str:
    """Name the person whose edit touched the row last; a step of one's own may also stand in the way."""
    later = Edit.objects.filter(version=draft, number__gt=edit.number, undone_at__isnull=True)
    for other in later.exclude(pk=edit.pk).select_related("made_by__user"):
        if any((touched["kind"], touched["pk"]) == (row["kind"], row["pk"]) for touched in other.rows):
            return "You" if other.made_by_id == edit.made_by_id else str(other.made_by.user)
    return "Somebody"
