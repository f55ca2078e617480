"""`manage.py recompute`: score stale deals here and now, with no broker and no worker."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import F

from core import scope
from deals.choices import MAX_ATTEMPTS
from deals.models import Alignment
from deals.services import alignments_mark_silent, alignments_recompute_stale, bulk_jobs_work_off


class Command(BaseCommand):
    """Scores what is stale, as the worker's task does, and does the bulk jobs that wait."""

    help = "Score stale deals without a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --until-clean and --silent."""
        parser.add_argument("--until-clean", action="store_true", help="go on until no deal is stale, jobs included")
        parser.add_argument("--silent", action="store_true", help="first mark deals whose last score is over 20 h old")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score, and say how many."""
        if options["silent"]:
            alignments_mark_silent()
        done, jobs = alignments_recompute_stale(), 0
        while options["until_clean"] and ((ended := bulk_jobs_work_off()) or self._stale()):
            jobs += ended
            done += alignments_recompute_stale()
            time.sleep(0.1)
        self.stdout.write(f"Scored {done} deals.")
        if jobs:
            self.stdout.write(f"Brought {jobs} job{'' if jobs == 1 else 's'} of many deals to an end.")

    @staticmethod
    def _stale() -> bool:
        with scope.across_workspaces("the oracle looks at every workspace"):
            behind = Alignment.objects.filter(scored_version__lt=F("inputs_version"), attempts__lt=MAX_ATTEMPTS)
            return behind.exists()
