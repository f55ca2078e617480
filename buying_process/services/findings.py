"""Findings of the checks that a person accepts as intended, and takes back."""

from accounts.models import Membership
from buying_process.choices import Finding
from buying_process.models import Acceptance, Stage, StageActivity, Version
from buying_process.services.drafts import editing, recorded
from core.exceptions import ApplicationError
from core.write import create


def finding_accept(
    *,
    version: Version,
    kind: str,
    reason: str,
    stage: Stage | None = None,
    activity: StageActivity | None = None,
    actor: Membership | None,
) -> Acceptance:
    """Say that a finding about a stage or an activity is meant so, and why."""
    with editing(version.pk) as draft:
        about = activity.stage if activity else stage
        if about is None or about.version_id != draft.pk:
            raise ApplicationError("Choose a stage or an activity of this version.")
        if Acceptance.objects.filter(version=draft, kind=kind, stage=stage, activity=activity).exists():
            raise ApplicationError("This is accepted already.")
        accepted = create(
            Acceptance(
                workspace_id=draft.workspace_id,
                version=draft,
                kind=kind,
                stage=stage,
                activity=activity,
                reason=" ".join(reason.split()),
                accepted_by=actor,
            )
        )
        changes = {"finding": str(Finding(kind).label), "about": str(activity or stage), "reason": accepted.reason}
        recorded("finding_accept", draft, actor, changes)
    return accepted


def finding_reopen(*, acceptance: Acceptance, actor: Membership | None) -> None:
    """Take an acceptance back; the finding is open again."""
    with editing(acceptance.version_id) as draft:
        changes = {"finding": acceptance.get_kind_display(), "about": str(acceptance.activity or acceptance.stage)}
        recorded("finding_reopen", draft, actor, changes)
        Acceptance.objects.filter(pk=acceptance.pk).delete()
