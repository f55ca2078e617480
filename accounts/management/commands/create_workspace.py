"""`manage.py create_workspace`: a real start. Prints the link with which the first admin comes in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify

from accounts.choices import Role
from accounts.models import User
from accounts.services import invitation_create, membership_create, workspace_create
from core import scope
from core.exceptions import ApplicationError


class Command(BaseCommand):
    """Starts a workspace; asks for what the options do not say."""

    help = "Start a workspace and let its first admin in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="the company's name")
        parser.add_argument("--slug", help="its short name in addresses and commands")
        parser.add_argument("--email", help="the first admin's e-mail address")
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="where SalesFlow answers, for the link")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"] or input("Name of the company: ").strip()
        slug = options["slug"] or input(f"Short name [{slugify(name)}]: ").strip() or slugify(name)
        email = (options["email"] or input("E-mail address of the first admin: ")).strip().lower()
        try:
            with transaction.atomic():
                words = self._start(name, slug, email, options["address"].rstrip("/"))
        except ApplicationError as error:
            raise CommandError(error.message) from error
        self.stdout.write(words)

    @staticmethod
    def _start(name: str, slug: str, email: str, address: str) -> str:
        workspace = workspace_create(name=name, slug=slug)
        known = User.objects.filter(email=email).first()
        with scope.in_workspace(workspace.pk):
            if known is not None:
                membership_create(workspace=workspace, user=known, role=Role.ADMIN)
                return f"{name} is there, and {email} is its admin: sign in as ever, and switch to it."
            _, secret = invitation_create(email=email, role=Role.ADMIN, actor=None, workspace=workspace)
        link = address + reverse("accounts:join", args=[secret])
        return f"{name} is there. Its first admin joins by this link, which works once, for 14 days:\n{link}"
