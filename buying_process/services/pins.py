"""Pins: what a person pinned stays as it is when a proposal is made; what they unpin may be proposed anew."""

from accounts.models import Membership
from buying_process.models import Stage, StageActivity, StageNeed
from buying_process.services.drafts import editing, recorded
from buying_process.services.history import undoable
from core.write import change


def pin_set(*, row: Stage | StageActivity | StageNeed, pinned: bool, actor: Membership | None) -> None:
    """Pin a stage, an activity or a need of a draft, or unpin it."""
    version_id = row.version_id if isinstance(row, Stage) else row.stage.version_id
    label = f"{'pin' if pinned else 'unpin'} “{row.name}”"
    with editing(version_id) as draft, undoable(draft, actor, label):
        row.refresh_from_db(fields=["pinned"])
        changes = change(row, pinned=pinned)
        if changes:
            recorded("pin_set", row, actor, changes)
