"""`manage.py create_token --workspace SLUG --email EMAIL`: prints a token of the API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.choices import Role
from accounts.models import Membership
from accounts.services import token_create
from core import scope


class Command(BaseCommand):
    """Makes a token that acts as a person's membership, and prints it."""

    help = "Print a new token of the API for a member."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace's short name")
        parser.add_argument("--email", required=True, help="whom the token acts as")
        parser.add_argument("--role", choices=Role.values, help="which of their memberships, where they have several")
        parser.add_argument("--name", default="Made on the command line", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Membership.objects.active().filter(
            workspace__slug=options["workspace"], user__email=options["email"].lower()
        )
        if options["role"]:
            found = found.filter(role=options["role"])
        memberships = list(found.order_by("pk"))
        if not memberships:
            raise CommandError(f"Nobody with the address {options['email']} is a member of {options['workspace']}.")
        if len(memberships) > 1:
            roles = ", ".join(membership.role for membership in memberships)
            raise CommandError(f"{options['email']} has several roles: say which by --role ({roles}).")
        (membership,) = memberships
        with scope.in_workspace(membership.workspace_id):
            _, secret = token_create(membership=membership, name=options["name"], actor=None)
        self.stdout.write(secret)
