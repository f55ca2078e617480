"""Edits of what a draft's stages need."""

from accounts.models import Membership
from buying_process.choices import Need
from buying_process.models import Stage, StageNeed
from buying_process.services.drafts import editing, recorded, refuse_overwriting, shape
from buying_process.services.history import undoable
from core.exceptions import ApplicationError, ConflictError
from core.write import create


def stage_need_add(*, stage: Stage, kind: str, name: str, channel: str = "", actor: Membership | None) -> StageNeed:
    """Add a role, an information need on a channel, a piece of exit evidence or an obstacle to a stage."""
    with editing(stage.version_id) as draft, undoable(draft, actor, f"add “{name}”"):
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
    *,
    need: StageNeed,
    name: str,
    channel: str = "",
    seen: str | None = None,
    seen_channel: str | None = None,
    actor: Membership | None,
) -> StageNeed:
    """Change the words or the channel of a need; what the person left as they saw it stays as it is now.

    `seen` and `seen_channel` are the words and the channel that are replaced.
    """
    with editing(need.stage.version_id) as draft, undoable(draft, actor, f"change “{need.name}”"):
        need.refresh_from_db(fields=["name", "channel"])
        name = refuse_overwriting(need.name, seen, "line", " ".join(name.split()))
        channel = _channel(need, channel, seen_channel)
        _refuse_twin(need.stage, need.kind, name, channel, but=need.pk)
        changes = shape(need, name=name, channel=channel)
        if changes:
            recorded("stage_need_update", need, actor, changes)
    return need


def stage_need_remove(*, need: StageNeed, actor: Membership | None) -> None:
    """Take a need away."""
    with editing(need.stage.version_id) as draft, undoable(draft, actor, f"take “{need.name}” away"):
        recorded("stage_need_remove", need, actor, {"name": [need.name, ""]})
        StageNeed.objects.filter(pk=need.pk).delete()


def _channel(need: StageNeed, channel: str, seen: str | None) -> str:
    """Give the channel that a need gets: refused where somebody chose another one than the person saw or wants."""
    if need.kind != Need.INFORMATION:
        return ""
    if channel == seen:
        return need.channel
    if seen is not None and need.channel not in {seen, channel}:
        now = need.get_channel_display().lower() if need.channel else "anywhere"
        raise ConflictError(
            f"Somebody changed where customers look for “{need.name}” meanwhile: now it is {now}. Save again if yours "
            "is better.",
            fields={"channel": [now]},
        )
    return channel


def _refuse_twin(stage: Stage, kind: str, name: str, channel: str, *, but: int | None = None) -> None:
    twins = StageNeed.objects.filter(stage=stage, kind=kind, name__iexact=name, channel=channel).exclude(pk=but or 0)
    if twins.exists():
        raise ApplicationError(f"“{stage.name}” has this already.", fields={"name": ["It is on the list already."]})
