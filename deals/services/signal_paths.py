"""The watch over packed signal paths: triggers keep them right, and this makes sure of it."""

import structlog
from django.db import connection, transaction

from core.jobs import enqueue
from deals.selectors.signal_paths import differing_paths
from deals.services.alignment import DOORBELL

log = structlog.get_logger(__name__)
# A score may have been computed from the wrong path, so it falls due again.
MEND = """
SELECT deals_pack(%(deals)s);
UPDATE deals_alignment SET inputs_version = inputs_version + 1, stale_since = COALESCE(stale_since, now()), attempts = 0
    WHERE deal_id = ANY(%(deals)s);
"""


def signal_paths_verify(*, mend: bool = True) -> list[int]:
    """Hold every packed path against the deal's signals; name the deals that differ, and pack them anew."""
    found = []
    for deals in differing_paths():
        for deal_id in deals:
            log.error("signal_path_differs", deal_id=deal_id, mended=mend)
        if deals and mend:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(MEND, {"deals": deals})
                enqueue(DOORBELL)
        found += deals
    return found
