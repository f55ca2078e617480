"""What every edit of a draft goes through: the draft is held, counted, and refused once it is published."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.db.models import F

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Stage, StageActivity, StageNeed, Version
from core import audit
from core.exceptions import ConflictError
from core.write import change


@contextmanager
def editing(version_id: int) -> Iterator[Version]:
    """Hold a draft for one edit. Edits of one draft follow each other, so that none is half of another."""
    with transaction.atomic():
        version = Version.objects.select_for_update(of=["self"]).get(pk=version_id)
        if version.status != Status.DRAFT:
            raise ConflictError(
                f"Version {version.number} is published, so it stays as it is. Start a new draft from it instead."
            )
        if version.proposed_for_id is not None:
            raise ConflictError("A proposal is taken or refused part by part. Edit the draft that it was made for.")
        yield version
        Version.objects.filter(pk=version.pk).update(edits=F("edits") + 1)


def refuse_overwriting(current: str, seen: str | None, what: str, wanted: str) -> str:
    """Give the name that a row gets: refused where somebody renamed it since the person saw it and they did too.

    Where the person left the name as they saw it, it stays as it is now; `seen` of None: they replace it knowingly.
    """
    if wanted == seen:
        return current
    if seen is not None and current not in {seen, wanted}:
        raise ConflictError(
            f"Somebody renamed this {what} meanwhile: it was “{seen}” and is “{current}” now; you wrote “{wanted}”. "
            "Change it again if yours is better.",
            fields={"name": [current]},
        )
    return wanted


def shape(row: Stage | StageActivity | StageNeed, **values: Any) -> dict[str, Any]:
    """Change a row as a person wants it, and pin it: from here on no proposal offers to change it back."""
    if all(getattr(row, name) == value for name, value in values.items()):
        return {}
    return change(row, **values, pinned=True)


def recorded(
    verb: str, target: models.Model, actor: Membership | None, changes: Mapping[str, Any] | None = None
) -> None:
    """Leave the one audit row of an edit."""
    audit.record(f"buying_process.{verb}", target, actor=actor, changes=changes)


def number_activities(rows: Sequence[StageActivity]) -> None:
    """Store the order of a stage's activities."""
    for place, row in enumerate(rows):
        row.position = place
    StageActivity.objects.bulk_update(rows, ["position"])
