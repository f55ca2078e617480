"""Processes as such: make, change, delete."""

from django.db import transaction

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Process
from buying_process.services.drafts import recorded
from core.exceptions import ApplicationError
from core.write import change, create
from interviews.models import Segment


@transaction.atomic
def process_create(*, name: str, actor: Membership, segment: Segment | None = None) -> Process:
    """Make a process, for one segment or for everybody. It has no version until one is derived."""
    process = create(Process(workspace_id=actor.workspace_id, name=" ".join(name.split()), segment=segment))
    recorded("process_create", process, actor, {"name": ["", process.name]})
    return process


@transaction.atomic
def process_update(*, process: Process, name: str, segment: Segment | None, actor: Membership) -> Process:
    """Change a process's name and whose buying it is."""
    changes = change(process, name=" ".join(name.split()), segment=segment)
    if changes:
        recorded("process_update", process, actor, changes)
    return process


@transaction.atomic
def process_delete(*, process: Process, actor: Membership) -> None:
    """Delete a process of which nothing was ever published, with its drafts."""
    if process.versions.exclude(status=Status.DRAFT).exists():
        raise ApplicationError(
            "A version of this process was published, and deals may have been run against it. Retire it instead."
        )
    recorded("process_delete", process, actor, {"name": [process.name, ""]})
    process.delete()
