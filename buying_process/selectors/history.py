"""What a person can undo and redo on a draft."""

from dataclasses import dataclass

from accounts.models import Membership
from buying_process.models import Edit, Version


@dataclass(frozen=True, slots=True)
class History:
    """The edit that is undone next, and the one that is done again next; None where there is none."""

    undo: Edit | None
    redo: Edit | None


def history_of(version: Version, membership: Membership) -> History:
    """Give a person's place in what they did to a draft. Two queries."""
    own = Edit.objects.filter(version=version, made_by=membership)
    return History(
        own.filter(undone_at__isnull=True).order_by("-number").first(),
        own.filter(undone_at__isnull=False).order_by("-undone_at").first(),
    )


def edit_since(version: Version, membership: Membership) -> Edit | None:
    """Give the edit that a person made since `version` was read. One query."""
    own = Edit.objects.filter(version=version, made_by=membership, undone_at__isnull=True)
    return own.filter(number__gt=version.edits).order_by("-number").first()
