"""`manage.py load_interviews FOLDER --workspace SLUG [--accept-over 0.45 --as EMAIL]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.choices import Role
from accounts.models import Membership, Workspace
from core import scope
from interviews.services.loading import interviews_load


class Command(BaseCommand):
    """Makes interviews of a folder of accounts."""

    help = (
        "Reads accounts from text files (header lines Customer, Outcome, Questions, Title, Source, Date; a blank line; "
        "the text), splits them over the six questions and suggests codes. The same folder twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the folder, the workspace, and whose decisions the accepted suggestions are."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--workspace", required=True, help="the workspace's slug")
        parser.add_argument("--accept-over", type=float, help="accept suggestions of this score (0 to 1) or more")
        parser.add_argument("--as", dest="email", help="the designer in whose name it is done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the folder and say what came of it."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        least = options["accept_over"]
        if least is not None and not 0 < least <= 1:
            raise CommandError("--accept-over is a score above 0 and up to 1.")
        actor = self._actor(workspace, options["email"])
        if least is not None and actor is None:
            raise CommandError("--accept-over needs --as EMAIL: somebody answers for what is accepted.")
        with scope.in_workspace(workspace.pk):
            loaded = interviews_load(folder=folder, actor=actor, accept_over=least, say=self.stdout.write)
        for name, reason in loaded.skipped:
            self.stderr.write(self.style.WARNING(f"Skipped {name}: {reason}."))
        self.stdout.write(
            f"{len(loaded.made)} interviews made, {len(loaded.unchanged)} there already, "
            f"{len(loaded.skipped)} skipped, {loaded.accepted} suggestions accepted."
        )
        if not (loaded.made or loaded.unchanged or loaded.skipped):
            raise CommandError(f"{folder} holds no .txt files.")

    @staticmethod
    def _actor(workspace: Workspace, email: str | None) -> Membership | None:
        if email is None:
            return None
        found = (
            Membership.objects.active()
            .filter(workspace=workspace, user__email=email.lower(), role=Role.DESIGNER)
            .select_related("user", "workspace")
            .first()
        )
        if found is None:
            raise CommandError(f"{email} is not a designer of this workspace.")
        return found
