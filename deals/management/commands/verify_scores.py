"""`manage.py verify_scores`: hold stored scores against scores measured now for the same moment."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import scope
from deals.selectors.verification import differing_scores


class Command(BaseCommand):
    """Names the deals whose stored score is not, bit for bit, what their inputs give."""

    help = "Measure every deal that is not stale again, and compare."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, and name what differs."""
        with scope.across_workspaces("the oracle looks at every workspace"):
            found = [deal_id for deals in differing_scores() for deal_id in deals]
        if found:
            raise CommandError(f"{len(found)} scores differ: {', '.join(map(str, found))}")
        self.stdout.write("Every score is what its inputs give.")
