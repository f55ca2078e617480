"""`manage.py load_demo`: a company to look around in."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from core.exceptions import ApplicationError
from salesflow.demo import loading, reader


class Command(BaseCommand):
    """Load the demo workspace, or print how to sign in to it."""

    help = "Load the demo company with interviews, a published process and deals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing where any workspace exists")
        parser.add_argument("--print-sign-ins", action="store_true", help="print the demo's people and password only")

    def handle(self, **options: Any) -> None:
        """Load, or print."""
        company = reader.read_company()
        if options["print_sign_ins"]:
            if Workspace.objects.filter(slug=company.slug, is_demo=True).exists():
                self._print_sign_ins(company)
            return
        if settings.PRODUCTION:
            raise CommandError("The demo's password is public: it is for development only. Use create_workspace.")
        with loading.only_one_loader():
            if options["if_empty"] and Workspace.objects.exists():
                return
            if Workspace.objects.filter(slug=company.slug).exists():
                raise CommandError(f"There is a workspace “{company.slug}” already.")
            try:
                loading.demo_load(say=self.stdout.write)
            except ApplicationError as error:
                raise CommandError(f"{error.message} {error.fields or ''}") from error
        self._print_sign_ins(company)

    def _print_sign_ins(self, company: reader.Company) -> None:
        for person in company.people:
            if person.sign_in:
                self.stdout.write(f"{person.role:<10} {person.email:<24} {loading.PASSWORD}")
