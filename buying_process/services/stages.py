"""Edits of a draft's stages."""

from django.db.models import F

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.services.drafts import editing, recorded, refuse_overwriting, shape, undo_token
from buying_process.services.fitting import draft_refit
from buying_process.services.needs import need_row
from core.exceptions import ApplicationError
from core.write import change, create

MOST_STAGES = 20


def stage_rename(*, stage: Stage, name: str, actor: Membership | None, seen: str | None = None) -> Stage:
    """Name a stage. `seen` is the name that the person replaces; a ConflictError where it is no longer that."""
    with editing(stage.version_id):
        stage.refresh_from_db(fields=["name"])
        name = " ".join(name.split())
        refuse_overwriting(stage.name, seen, "stage", name)
        changes = shape(stage, name=name)
        if changes:
            recorded("stage_rename", stage, actor, changes)
    return stage


def stage_add(*, version: Version, name: str, actor: Membership | None, after: Stage | None = None) -> Stage:
    """Add an empty stage behind another, or at the end."""
    with editing(version.pk) as draft:
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
    with editing(stage.version_id) as draft:
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
    with editing(stage.version_id) as draft:
        place = into.activities.count()
        for offset, activity in enumerate(stage.activities.order_by("position", "pk")):
            StageActivity.objects.filter(pk=activity.pk).update(stage=into, position=place + offset, pinned=True)
        known = {(need.kind, need.name.casefold(), need.channel): need for need in into.needs.all()}
        for need in stage.needs.all():
            twin = known.get((need.kind, need.name.casefold(), need.channel))
            if twin is None:
                StageNeed.objects.filter(pk=need.pk).update(stage=into)
            elif need.told > twin.told:
                StageNeed.objects.filter(pk=twin.pk).update(told=need.told)
        name, stage_pk = stage.name, stage.pk
        Stage.objects.filter(pk=stage_pk).delete()
        Stage.objects.filter(pk=into.pk).update(stability=None, pinned=True)
        _number(list(draft.stages.order_by("position")))
        draft_refit(version=draft)
        recorded("stage_merge", into, actor, {"merged": [name, into.name]})
    into.refresh_from_db()
    return into


def stage_remove(*, stage: Stage, actor: Membership | None) -> str:
    """Take an empty stage away; gives the token that undoes it."""
    with editing(stage.version_id) as draft:
        held = stage.activities.count()
        if held:
            theirs = stage.activities.filter(actor=Actor.CUSTOMER).exists()
            raise ApplicationError(
                f"“{stage.name}” still holds {held} {'activity' if held == 1 else 'activities'}. "
                f"Move {'it' if held == 1 else 'them'} to another stage first"
                f"{', or merge the two stages' if theirs else ''}."
            )
        kept = {"pk": stage.pk, "name": stage.name, "position": stage.position, "pinned": stage.pinned}
        token = undo_token("stage", [kept | {"needs": [need_row(need) for need in stage.needs.all()]}])
        recorded("stage_remove", stage, actor, {"name": [stage.name, ""]})
        Stage.objects.filter(pk=stage.pk).delete()
        _number(list(draft.stages.order_by("position")))
        draft_refit(version=draft)
    return token


def _number(stages: list[Stage]) -> None:
    for position, stage in enumerate(stages):
        stage.position = position
    Stage.objects.bulk_update(stages, ["position"])
