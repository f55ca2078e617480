"""Edits of what a draft's stages need, and the *Undo* of what was taken away or moved."""

from typing import Any

from accounts.models import Membership
from buying_process.choices import Need
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.services.drafts import (
    editing,
    number_activities,
    recorded,
    refuse_overwriting,
    shape,
    undo_read,
    undo_token,
)
from buying_process.services.fitting import draft_refit
from core.exceptions import ApplicationError
from core.write import change, create


def stage_need_add(*, stage: Stage, kind: str, name: str, channel: str = "", actor: Membership | None) -> StageNeed:
    """Add a role, an information need on a channel, a piece of exit evidence or an obstacle to a stage."""
    with editing(stage.version_id):
        name = " ".join(name.split())
        _refuse_twin(stage, kind, name, channel)
        need = create(
            StageNeed(
                workspace_id=stage.workspace_id,
                stage=stage,
                kind=kind,
                name=name,
                channel=channel if kind == Need.INFORMATION else "",
                pinned=True,
            )
        )
        recorded("stage_need_add", need, actor, {"name": ["", need.name], "stage": ["", stage.name]})
    return need


def stage_need_update(
    *, need: StageNeed, name: str, channel: str = "", seen: str | None = None, actor: Membership | None
) -> StageNeed:
    """Change the words or the channel of a need. `seen`: the words that are replaced."""
    with editing(need.stage.version_id):
        need.refresh_from_db(fields=["name", "channel"])
        name = " ".join(name.split())
        refuse_overwriting(need.name, seen, "line", name)
        channel = channel if need.kind == Need.INFORMATION else ""
        _refuse_twin(need.stage, need.kind, name, channel, but=need.pk)
        changes = shape(need, name=name, channel=channel)
        if changes:
            recorded("stage_need_update", need, actor, changes)
    return need


def stage_need_remove(*, need: StageNeed, actor: Membership | None) -> str:
    """Take a need away; gives the token that undoes it."""
    with editing(need.stage.version_id):
        row = need_row(need)
        recorded("stage_need_remove", need, actor, {"name": [need.name, ""]})
        StageNeed.objects.filter(pk=need.pk).delete()
    return undo_token("need", [row])


def edit_undo(*, version: Version, token: str, actor: Membership | None) -> None:
    """Bring back what a token of this draft stands for; what is back already stays as it is."""
    kind, rows = undo_read(token)
    with editing(version.pk) as draft:
        for row in rows:
            _UNDO[kind](draft, dict(row))
        draft_refit(version=draft)
        recorded("edit_undo", draft, actor, {"brought_back": kind})


def need_row(need: StageNeed) -> dict[str, Any]:
    """Give what brings a need back."""
    return {
        "pk": need.pk,
        "stage_id": need.stage_id,
        "kind": need.kind,
        "code_id": need.code_id,
        "name": need.name,
        "channel": need.channel,
        "told": need.told,
        "pinned": need.pinned,
    }


def _refuse_twin(stage: Stage, kind: str, name: str, channel: str, *, but: int | None = None) -> None:
    twins = StageNeed.objects.filter(stage=stage, kind=kind, name__iexact=name, channel=channel).exclude(pk=but or 0)
    if twins.exists():
        raise ApplicationError(f"“{stage.name}” has this already.", fields={"name": ["It is on the list already."]})


def _stage_of(draft: Version, stage_id: int) -> Stage:
    stage = draft.stages.filter(pk=stage_id).first()
    if stage is None:
        raise ApplicationError("The stage that this belonged to is gone, so it can no longer be brought back.")
    return stage


def _restore_activity(draft: Version, row: dict[str, Any]) -> None:
    _stage_of(draft, row["stage_id"])
    if not StageActivity.objects.filter(pk=row["pk"]).exists():
        helped = StageActivity.objects.filter(pk=row.pop("facilitates_id"), stage__version=draft).first()
        create(StageActivity(workspace_id=draft.workspace_id, facilitates=helped, **row))


def _restore_need(draft: Version, row: dict[str, Any]) -> None:
    stage = _stage_of(draft, row["stage_id"])
    if not StageNeed.objects.filter(pk=row["pk"]).exists():
        _refuse_twin(stage, row["kind"], row["name"], row["channel"])
        create(StageNeed(workspace_id=draft.workspace_id, **row))


def _restore_stage(draft: Version, row: dict[str, Any]) -> None:
    if draft.stages.filter(pk=row["pk"]).exists():
        return
    stages = list(draft.stages.order_by("position"))
    back = Stage(
        workspace_id=draft.workspace_id,
        version=draft,
        pk=row["pk"],
        name=row["name"],
        position=len(stages),
        pinned=row.get("pinned", True),
    )
    create(back)
    stages.insert(min(row["position"], len(stages)), back)
    for position, stage in enumerate(stages):
        stage.position = position
    Stage.objects.bulk_update(stages, ["position"])
    for need in row["needs"]:
        create(StageNeed(workspace_id=draft.workspace_id, **need))


def _restore_place(draft: Version, row: dict[str, Any]) -> None:
    stage = _stage_of(draft, row.pop("stage"))
    activity = StageActivity.objects.filter(pk=row.pop("pk"), stage__version=draft).first()
    if activity is None:
        raise ApplicationError("This activity is gone, so its move can no longer be undone.")
    helped = StageActivity.objects.filter(pk=row.pop("facilitates"), stage__version=draft).first()
    for stage_id, stability in row.pop("stability"):
        draft.stages.filter(pk=stage_id).update(stability=stability)
    place = row.pop("place")
    change(activity, stage=stage, facilitates=helped, **row)
    others = list(stage.activities.exclude(pk=activity.pk).order_by("position", "pk"))
    number_activities([*others[:place], activity, *others[place:]])


_UNDO = {
    "activity": _restore_activity,
    "need": _restore_need,
    "stage": _restore_stage,
    "move": _restore_place,
}
