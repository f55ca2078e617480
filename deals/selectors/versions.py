"""Which process version a deal goes by."""

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Version
from interviews.models import Segment


def version_in_use(membership: Membership, pk: int) -> Version | None:
    """Find a version that deals may go by."""
    return Version.objects.visible_to(membership).in_use().filter(pk=pk).first()


def version_for(segment: Segment | None) -> Version | None:
    """Give the live version for a segment: of the segment's own process, else of one for everybody."""
    live = list(Version.objects.filter(status=Status.LIVE).select_related("process").order_by("-published_at", "-pk"))
    own = [version for version in live if segment is not None and version.process.segment_id == segment.pk]
    shared = [version for version in live if version.process.segment_id is None]
    return next(iter(own or shared), None)
