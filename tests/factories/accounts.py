"""People and workspaces for tests."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.choices import Role
from accounts.models import ApiToken, Invitation, Membership, Team, User, Workspace
from accounts.tokens import token_hash
from core import scope

PASSWORD = "a calm long password"


class ScopedFactory(DjangoModelFactory):
    """Makes rows of a workspace also where the test is in none."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with scope.across_workspaces("a test makes a row"):
            return super()._create(model_class, *args, **kwargs)


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Company {n}")
    slug = factory.Sequence(lambda n: f"company-{n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    workspace = factory.SubFactory(WorkspaceFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.DESIGNER


class TeamFactory(ScopedFactory):
    class Meta:
        model = Team

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class InvitationFactory(ScopedFactory):
    """An invitation whose link's secret is `secret`."""

    class Meta:
        model = Invitation

    class Params:
        secret = factory.Sequence(lambda n: f"sfl_secret-{n}")

    workspace = factory.LazyAttribute(lambda invitation: invitation.invited_by.workspace)
    invited_by = factory.SubFactory(MembershipFactory, role=Role.ADMIN)
    email = factory.Sequence(lambda n: f"newcomer{n}@example.com")
    role = Role.REP
    token_hash = factory.LazyAttribute(lambda invitation: token_hash(invitation.secret))
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))


class ApiTokenFactory(ScopedFactory):
    """A token whose secret is `secret`."""

    class Meta:
        model = ApiToken

    class Params:
        secret = factory.Sequence(lambda n: f"sfl_token-{n}")

    workspace = factory.LazyAttribute(lambda token: token.membership.workspace)
    membership = factory.SubFactory(MembershipFactory)
    name = factory.Sequence(lambda n: f"Program {n}")
    prefix = factory.LazyAttribute(lambda token: token.secret[:10])
    token_hash = factory.LazyAttribute(lambda token: token_hash(token.secret))
