"""Reads for file imports."""

from django.db.models import QuerySet

from accounts.models import Membership
from buying_process.models import Version
from crm.models import DealImport
from interviews.models import Segment


def imports_of(membership: Membership) -> QuerySet[DealImport]:
    """Give the files of the member's workspace, without their bytes."""
    return DealImport.objects.visible_to(membership).defer("content").select_related("job", "uploaded_by__user")


def import_for(membership: Membership, import_id: int) -> DealImport | None:
    """Find a file of the member's workspace, with its bytes."""
    rows = DealImport.objects.visible_to(membership).select_related("version__process", "job", "uploaded_by__user")
    return rows.filter(pk=import_id).first()


def members_of(membership: Membership | None) -> list[Membership]:
    """Give the active members of the workspace with their people."""
    if membership is None:
        return []
    return list(Membership.objects.visible_to(membership).active().select_related("user"))


def segments_by_name() -> dict[str, Segment]:
    """Give the workspace's segments by lower-cased name."""
    return {segment.name.lower(): segment for segment in Segment.objects.all()}


def versions_for_deals(membership: Membership) -> QuerySet[Version]:
    """Give the versions that deals may be pinned to."""
    return Version.objects.visible_to(membership).in_use().select_related("process")
