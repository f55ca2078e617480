"""Undo and redo: what an edit of a draft changed is kept for the person who made it, and put back row by row.

A part that another person changed since is left alone: the undo is refused in words and forgotten, so that the one
before it can still be undone. Shares, counts and days are not kept; they are worked out anew from the interviews that
the draft rests on. The intervals of shares are kept: they take the draws of a whole derivation.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from buying_process.models import Edit, Stage, StageActivity, StageNeed, Version
from buying_process.services.basis import Interval, basis_of, basis_restore, intervals_of, intervals_restore
from buying_process.services.drafts import editing, recorded
from buying_process.services.fitting import draft_refit
from buying_process.services.restoring import Rows, bring_back, put_in_order, refuse_changed, take_away
from core.exceptions import ApplicationError, ConflictError
from core.write import create

KEPT = {
    "stage": ("name", "stability", "pinned"),
    "activity": ("stage_id", "code_id", "name", "actor", "purpose", "facilitates_id", "told", "pinned", "channels"),
    "need": ("stage_id", "kind", "code_id", "name", "channel", "told", "pinned"),
}
STAGES = "stages"


@dataclass(frozen=True, slots=True)
class Picture:
    """A draft as it stands: rows by kind and id, the order of its stages and of each stage's activities, the intervals
    of its moves and what it rests on.
    """

    rows: Rows
    orders: dict[str, list[int]]
    intervals: list[Interval]
    basis: dict[str, Any]


class PartChangedError(ConflictError):
    """What an edit left is no longer as it left it."""


@dataclass(slots=True)
class Doing:
    """An edit that is being made; what it did may be named while it is done."""

    label: str


@contextmanager
def undoable(draft: Version, actor: Membership | None, label: str) -> Iterator[Doing]:
    """Keep what happens inside as one edit that `actor` can undo; `label` says what it did: "rename “Compare”"."""
    doing = Doing(label)
    if actor is None:
        yield doing
        return
    before = picture_of(draft)
    yield doing
    after = picture_of(draft)
    basis = [] if before.basis == after.basis else [before.basis, after.basis]
    rows, orders = _difference(before, after, counted=bool(basis))
    if not rows and not orders and not basis:
        return
    Edit.objects.filter(version=draft, made_by=actor, undone_at__isnull=False).delete()
    create(
        Edit(
            workspace_id=draft.workspace_id,
            version=draft,
            made_by=actor,
            number=draft.edits + 1,
            label=doing.label,
            rows=rows,
            orders=orders,
            basis=basis,
            intervals=[] if before.intervals == after.intervals else [before.intervals, after.intervals],
        )
    )


def edit_undo(*, version: Version, actor: Membership, edit_id: int | None = None) -> Edit:
    """Undo an edit that the person made, the latest where none is named; it can be redone."""
    return _step(version, actor, edit_id, undo=True)


def edit_redo(*, version: Version, actor: Membership) -> Edit:
    """Do again what the person undid last."""
    return _step(version, actor, None, undo=False)


def picture_of(draft: Version) -> Picture:
    """Read what an edit may change. Eight queries."""
    activities = StageActivity.objects.filter(stage__version=draft).order_by("stage__position", "position", "pk")
    needs = StageNeed.objects.filter(stage__version=draft)
    rows: Rows = {}
    orders: dict[str, list[int]] = {STAGES: []}
    for stage in draft.stages.order_by("position").values("pk", *KEPT["stage"]):
        pk = stage.pop("pk")
        rows["stage", pk] = stage
        orders[STAGES].append(pk)
    for activity in activities.values("pk", *KEPT["activity"]):
        pk = activity.pop("pk")
        rows["activity", pk] = activity | {"skills": []}
        orders.setdefault(str(activity["stage_id"]), []).append(pk)
    links = StageActivity.skills.through.objects.filter(stageactivity__stage__version=draft)
    for pk, skill_id in links.order_by("skill_id").values_list("stageactivity_id", "skill_id"):
        rows["activity", pk]["skills"].append(skill_id)
    for need in needs.values("pk", *KEPT["need"]):
        rows["need", need.pop("pk")] = need
    return Picture(rows, orders, intervals_of(draft), basis_of(draft))


def _difference(
    before: Picture, after: Picture, *, counted: bool
) -> tuple[list[dict[str, Any]], dict[str, list[list[int]]]]:
    """Give the rows that differ, with just what changed of those that stay, and the orders that differ.

    `counted` where counts came from other interviews, so that a row in which nothing else differs is one too.
    """
    rows = []
    for key in {**before.rows, **after.rows}:
        old, new = before.rows.get(key), after.rows.get(key)
        if old == new:
            continue
        known = (new or old or {})["name"]
        if old is not None and new is not None:
            changed = [name for name in old if old[name] != new[name]]
            if changed == ["told"] and not counted:
                continue
            old, new = {name: old[name] for name in changed}, {name: new[name] for name in changed}
        rows.append({"kind": key[0], "pk": key[1], "name": known, "before": old, "after": new})
    places = {**before.orders, **after.orders}
    pairs = {place: [before.orders.get(place, []), after.orders.get(place, [])] for place in places}
    return rows, {place: pair for place, pair in pairs.items() if pair[0] != pair[1]}


def _step(version: Version, actor: Membership, edit_id: int | None, *, undo: bool) -> Edit:
    edit = _edit(version, actor, edit_id, undo=undo)
    try:
        with editing(version.pk) as draft:
            edit.refresh_from_db()
            if (edit.undone_at is None) != undo:
                raise ConflictError(f"That is {'undone' if undo else 'done again'} already.")
            _turn(draft, edit, undo=undo)
            edit.undone_at = timezone.now() if undo else None
            edit.save(update_fields=["undone_at"])
            recorded("edit_undo" if undo else "edit_redo", draft, actor, {"edit": edit.label})
    except PartChangedError:
        if edit_id is None:
            edit.delete()  # so that the one before it can be undone
        raise
    return edit


def _edit(version: Version, actor: Membership, edit_id: int | None, *, undo: bool) -> Edit:
    edits = Edit.objects.filter(version=version, made_by=actor, undone_at__isnull=undo)
    found = edits.filter(pk=edit_id) if edit_id else edits.order_by("-number" if undo else "-undone_at")
    edit = found.first()
    if edit is None:
        raise ApplicationError(f"There is nothing of yours to {'undo' if undo else 'redo'} on this draft.")
    return edit


def _turn(draft: Version, edit: Edit, *, undo: bool) -> None:
    """Bring the rows of an edit from how it left them to how it found them, or the other way round."""
    try:
        _put_back(draft, edit, undo=undo)
    except ApplicationError as error:
        word = "undone" if undo else "done again"
        raise PartChangedError(f"This can no longer be {word}: {edit.label}. {error.message}") from error


def _put_back(draft: Version, edit: Edit, *, undo: bool) -> None:
    expected, wanted = ("after", "before") if undo else ("before", "after")
    now = picture_of(draft)
    steps = [(row, row[expected], row[wanted]) for row in edit.rows]
    refuse_changed(draft, edit, steps, now.rows)
    left, right = (1, 0) if undo else (0, 1)
    orders = {place: (pair[left], pair[right]) for place, pair in edit.orders.items()}
    _refuse_other_order(orders.get(STAGES), now.orders[STAGES])
    turn = [edit.basis[left], edit.basis[right]] if edit.basis else []
    if turn and now.basis != turn[0]:
        raise ConflictError("The draft rests on other interviews since.")
    bring_back(draft, [(row["kind"], row["pk"], goal) for row, _, goal in steps if goal is not None])
    take_away(draft, [(row["kind"], row["pk"], row["name"]) for row, _, goal in steps if goal is None])
    put_in_order(draft, orders)
    if turn:
        basis_restore(draft, turn[1])
    draft_refit(version=draft)
    _restore_stability(steps)
    if edit.intervals:
        intervals_restore(draft, edit.intervals[right])


def _refuse_other_order(turn: tuple[Sequence[int], Sequence[int]] | None, now: Sequence[int]) -> None:
    if turn is None:
        return
    common = set(turn[0]) & set(now)
    if [pk for pk in turn[0] if pk in common] != [pk for pk in now if pk in common]:
        raise ConflictError("Somebody put the stages in another order since.")


def _restore_stability(steps: Sequence[tuple[Mapping[str, Any], Any, Any]]) -> None:
    for row, _, goal in steps:
        if row["kind"] == "stage" and goal and "stability" in goal:
            Stage.objects.filter(pk=row["pk"]).update(stability=goal["stability"])
