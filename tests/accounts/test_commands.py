"""A real start, and a token, from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.authentication import BearerTokenAuthentication
from accounts.choices import Role
from accounts.models import Membership, Workspace
from accounts.selectors import invitation_by_secret
from accounts.services import invitation_accept
from tests.factories.accounts import MembershipFactory, UserFactory


def run(name, /, **options):
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue().strip()


def test_create_workspace_prints_a_link_that_lets_the_first_admin_in(db):
    said = run("create_workspace", name="Acme", slug="acme", email="Ada@Example.com", address="https://s.example/")
    link = said.splitlines()[-1]
    assert link.startswith("https://s.example/join/sfl_")
    secret = link.split("/")[-2]
    assert invitation_by_secret(secret).email == "ada@example.com"
    membership = invitation_accept(secret=secret, full_name="Ada", password="a calm long password")
    assert (membership.workspace.slug, membership.role) == ("acme", Role.ADMIN)


def test_create_workspace_makes_a_known_person_its_admin(db):
    person = UserFactory(email="ada@example.com")
    said = run("create_workspace", name="Acme", slug="acme", email="ada@example.com")
    assert "sign in as ever" in said
    assert Membership.objects.get(workspace__slug="acme").user == person


def test_create_workspace_asks_for_what_is_missing(db, monkeypatch):
    answers = iter(["Acme Mills", "", "ada@example.com"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    run("create_workspace")
    assert Workspace.objects.get().slug == "acme-mills"


def test_create_workspace_refuses_a_slug_that_is_taken(workspace):
    with pytest.raises(CommandError):
        run("create_workspace", name="Other", slug=workspace.slug, email="ada@example.com")
    assert Workspace.objects.count() == 1


def test_create_token_prints_a_token_that_works(rep):
    secret = run("create_token", workspace=rep.workspace.slug, email=rep.user.email.upper())
    assert BearerTokenAuthentication._find(secret).membership == rep


def test_create_token_asks_for_the_role_where_there_are_several(rep):
    MembershipFactory(workspace=rep.workspace, user=rep.user, role=Role.ADMIN)
    names = {"workspace": rep.workspace.slug, "email": rep.user.email}
    with pytest.raises(CommandError, match="say which by --role"):
        run("create_token", **names)
    secret = run("create_token", **names, role="admin")
    assert BearerTokenAuthentication._find(secret).membership.role == Role.ADMIN


def test_create_token_refuses_strangers(rep, outsider):
    with pytest.raises(CommandError, match="Nobody with the address"):
        run("create_token", workspace=rep.workspace.slug, email=outsider.user.email)
