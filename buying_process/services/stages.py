"""Edits of a draft's stages."""

from collections.abc import Collection, Sequence

from django.db.models import F

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.services.drafts import editing, recorded, refuse_overwriting, shape
from buying_process.services.fitting import draft_refit
from buying_process.services.history import undoable
from buying_process.services.told import need_key, needs_follow
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create

MOST_STAGES = 20
FEWEST_TO_SPLIT = 2


def stage_rename(*, stage: Stage, name: str, actor: Membership | None, seen: str | None = None) -> Stage:
    """Name a stage. `seen` is the name that the person replaces; a ConflictError where it is no longer that."""
    with editing(stage.version_id) as draft:
        stage.refresh_from_db(fields=["name"])
        name = refuse_overwriting(stage.name, seen, "stage", " ".join(name.split()))
        with undoable(draft, actor, f"rename “{stage.name}”"):
            changes = shape(stage, name=name)
        if changes:
            recorded("stage_rename", stage, actor, changes)
    return stage


def stage_add(*, version: Version, name: str, actor: Membership | None, after: Stage | None = None) -> Stage:
    """Add an empty stage behind another, or at the end."""
    with editing(version.pk) as draft, undoable(draft, actor, f"add “{name}”"):
        count = draft.stages.count()
        if count >= MOST_STAGES:
            raise ApplicationError(f"A process has at most {MOST_STAGES} stages. Merge two that belong together.")
        position = after.position + 1 if after else count
        draft.stages.filter(position__gte=position).update(position=F("position") + 1)
        stage = create(
            Stage(
                workspace_id=draft.workspace_id,
                version=draft,
                position=position,
                name=" ".join(name.split()),
                pinned=True,
            )
        )
        draft_refit(version=draft)
        recorded("stage_add", stage, actor, {"name": ["", stage.name]})
    return stage


def stage_move(*, stage: Stage, position: int, actor: Membership | None) -> Stage:
    """Put a stage at another place, counted from 0; the others close up."""
    with editing(stage.version_id) as draft, undoable(draft, actor, f"move “{stage.name}”"):
        stages = list(draft.stages.order_by("position"))
        held = next(other for other in stages if other.pk == stage.pk)
        before = held.position
        stages.remove(held)
        stages.insert(max(0, min(position, len(stages))), held)
        _number(stages)
        if held.position != before:
            change(held, pinned=True)
            draft_refit(version=draft)
            recorded("stage_move", held, actor, {"position": [before, held.position]})
    return held


def stage_merge(*, stage: Stage, into: Stage, actor: Membership | None) -> Stage:
    """Move all that a stage holds into its neighbour, and take the emptied stage away."""
    if into.version_id != stage.version_id or into.pk == stage.pk:
        raise ApplicationError("Choose another stage of the same version to merge with.")
    label = f"merge “{stage.name}” into “{into.name}”"
    with editing(stage.version_id) as draft, undoable(draft, actor, label):
        place = into.activities.count()
        for offset, activity in enumerate(stage.activities.order_by("position", "pk")):
            StageActivity.objects.filter(pk=activity.pk).update(stage=into, position=place + offset, pinned=True)
        known = {need_key(need) for need in into.needs.all()}
        for need in stage.needs.all():
            if need_key(need) not in known:
                StageNeed.objects.filter(pk=need.pk).update(stage=into)
        name, stage_pk = stage.name, stage.pk
        Stage.objects.filter(pk=stage_pk).delete()
        Stage.objects.filter(pk=into.pk).update(stability=None, pinned=True)
        _number(list(draft.stages.order_by("position")))
        draft_refit(version=draft)
        recorded("stage_merge", into, actor, {"merged": [name, into.name]})
    into.refresh_from_db()
    return into


def stage_split(*, stage: Stage, name: str, activities: Sequence[StageActivity], actor: Membership | None) -> Stage:
    """Put some of the customer's activities of a stage into a new one behind it.

    What of ours helps them goes along, and so does what was told that a stage needs beside them.
    """
    with editing(stage.version_id) as draft, undoable(draft, actor, f"split “{stage.name}”"):
        stage.refresh_from_db()
        if draft.stages.count() >= MOST_STAGES:
            raise ApplicationError(f"A process has at most {MOST_STAGES} stages. Merge two that belong together.")
        held = list(stage.activities.order_by("position", "pk"))
        chosen = {activity.pk for activity in activities}
        refuse_split(stage, held, chosen)
        draft.stages.filter(position__gt=stage.position).update(position=F("position") + 1)
        made = create(
            Stage(
                workspace_id=draft.workspace_id,
                version=draft,
                position=stage.position + 1,
                name=" ".join(name.split()),
                pinned=True,
            )
        )
        gone = going_along(held, chosen)
        StageActivity.objects.filter(pk__in=gone).update(stage=made, pinned=True)
        Stage.objects.filter(pk=stage.pk).update(stability=None, pinned=True)
        needs_follow(draft=draft, left=stage, into=made)
        draft_refit(version=draft)
        recorded("stage_split", stage, actor, {"split": [stage.name, made.name]})
    made.refresh_from_db()
    return made


def refuse_split(stage: Stage, held: Sequence[StageActivity], chosen: Collection[int]) -> None:
    """Refuse to part a stage unless each side keeps something that customers do."""
    theirs = {activity.pk for activity in held if activity.actor == Actor.CUSTOMER}
    if len(theirs) < FEWEST_TO_SPLIT:
        raise ApplicationError(f"“{stage.name}” holds too little that customers do to be split.")
    if set(chosen) - theirs:
        raise ConflictError("Somebody moved one of these activities meanwhile. Look at the stage, and choose again.")
    if not chosen or set(chosen) == theirs:
        raise ApplicationError(
            "Choose some of what customers do here, and leave some: each stage holds at least one.",
            fields={"activities": ["Choose at least one, and not all."]},
        )


def going_along(held: Sequence[StageActivity], chosen: Collection[int]) -> list[int]:
    """Give the ids of what goes into the new stage: what was chosen, and what of ours helps it."""
    return [row.pk for row in held if row.pk in chosen or row.facilitates_id in chosen]


def stage_remove(*, stage: Stage, actor: Membership | None) -> None:
    """Take an empty stage away."""
    with editing(stage.version_id) as draft, undoable(draft, actor, f"take “{stage.name}” away"):
        held = stage.activities.count()
        if held:
            theirs = stage.activities.filter(actor=Actor.CUSTOMER).exists()
            raise ApplicationError(
                f"“{stage.name}” still holds {held} {'activity' if held == 1 else 'activities'}. "
                f"Move {'it' if held == 1 else 'them'} to another stage first"
                f"{', or merge the two stages' if theirs else ''}."
            )
        recorded("stage_remove", stage, actor, {"name": [stage.name, ""]})
        Stage.objects.filter(pk=stage.pk).delete()
        _number(list(draft.stages.order_by("position")))
        draft_refit(version=draft)


def _number(stages: list[Stage]) -> None:
    for position, stage in enumerate(stages):
        stage.position = position
    Stage.objects.bulk_update(stages, ["position"])
