"""`manage.py verify_paths`: hold the packed signal paths against the signals."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.services import signal_paths_verify


class Command(BaseCommand):
    """Names the deals whose packed signals differ from their signals."""

    help = "Compare packed signals with the signals themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --mend."""
        parser.add_argument("--mend", action="store_true", help="pack the deals that differ anew and rescore them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, name, and mend where asked."""
        found = signal_paths_verify(mend=options["mend"])
        if not found:
            self.stdout.write("Every deal's packed signals are right.")
            return
        named = f"{len(found)} deals differ: {', '.join(map(str, found))}"
        if not options["mend"]:
            raise CommandError(f"{named}. Run this with --mend.")
        self.stdout.write(f"{named}. They were packed anew.")
