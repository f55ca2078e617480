"""Invitations: made, mailed, taken up once, refused with a sentence."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Invitation, Membership, User
from accounts.selectors import invitation_by_secret, invitation_problem
from accounts.services import invitation_accept, invitation_create, invitation_withdraw
from accounts.tokens import token_hash
from core.exceptions import ApplicationError
from tests.factories.accounts import InvitationFactory, MembershipFactory, TeamFactory, UserFactory

PASSWORD = "a calm long password"


def invite(admin, **fields):
    return invitation_create(**{"email": "nina@example.com", "role": Role.REP, "actor": admin} | fields)


def test_invitation_keeps_a_hash_and_mails_the_link_after_commit(
    in_workspace, admin, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, secret = invite(admin, email="Nina@Example.com", link_to="https://sales.example/join/{}/".format)
        assert mail.outbox == []
    assert (invitation.email, invitation.token_hash) == ("nina@example.com", token_hash(secret))
    (message,) = mail.outbox
    assert message.to == ["nina@example.com"]
    assert re.findall(r"https://\S+", message.body) == [f"https://sales.example/join/{secret}/"]


def test_mail_server_that_is_down_does_not_undo_the_invitation(
    in_workspace, admin, settings, django_capture_on_commit_callbacks, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        invitation, _ = invite(admin, link_to="https://sales.example/{}".format)
    assert Invitation.objects.get() == invitation
    assert "Error calling" in caplog.text


def test_second_invitation_replaces_the_first(in_workspace, admin):
    first, _ = invite(admin)
    invite(admin)
    first.refresh_from_db()
    assert first.withdrawn_at is not None


def test_member_with_the_role_is_not_invited_again(in_workspace, admin, rep):
    with pytest.raises(ApplicationError, match="a member with this role already"):
        invite(admin, email=rep.user.email)


def test_team_of_another_workspace_is_refused(in_workspace, admin):
    with pytest.raises(ApplicationError, match="not of this workspace"):
        invite(admin, team=TeamFactory())


def test_new_person_joins_with_name_and_password(db):
    invitation = InvitationFactory(secret="sfl_a", role=Role.MANAGER, email="nina@example.com")
    membership = invitation_accept(secret="sfl_a", full_name="Nina New", password=PASSWORD)
    assert (membership.workspace, membership.role) == (invitation.workspace, Role.MANAGER)
    person = User.objects.get(email="nina@example.com")
    assert (membership.user, person.full_name, person.check_password(PASSWORD)) == (person, "Nina New", True)
    assert person.emailaddress_set.get().verified


def test_known_person_joins_as_themselves(db):
    person = UserFactory(email="nina@example.com")
    InvitationFactory(secret="sfl_a", email="nina@example.com")
    assert invitation_accept(secret="sfl_a", user=person).user == person


def test_known_person_is_not_given_a_new_password(db):
    person = UserFactory(email="nina@example.com")
    InvitationFactory(secret="sfl_a", email="nina@example.com")
    with pytest.raises(ApplicationError, match="has an account already"):
        invitation_accept(secret="sfl_a", full_name="Somebody", password="another long password")
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_invitation_of_another_address_is_refused(db):
    InvitationFactory(secret="sfl_a", email="nina@example.com")
    with pytest.raises(ApplicationError, match=r"is for nina@example\.com"):
        invitation_accept(secret="sfl_a", user=UserFactory())


def test_person_who_had_left_comes_back(db):
    invitation = InvitationFactory(secret="sfl_a", email="nina@example.com")
    former = MembershipFactory(
        workspace=invitation.workspace,
        user=UserFactory(email="nina@example.com"),
        role=Role.REP,
        ended_at=timezone.now(),
    )
    assert invitation_accept(secret="sfl_a", user=former.user) == former
    former.refresh_from_db()
    assert former.ended_at is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"withdrawn_at": timezone.now()}, "was withdrawn"),
        ({"accepted_at": timezone.now()}, "was used already"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "has expired"),
    ],
)
def test_link_that_is_over_says_so(db, fields, sentence):
    InvitationFactory(secret="sfl_a", **fields)
    assert sentence in invitation_problem(invitation_by_secret("sfl_a"))
    with pytest.raises(ApplicationError, match=sentence):
        invitation_accept(secret="sfl_a", full_name="Nina", password=PASSWORD)
    assert not User.objects.filter(full_name="Nina").exists()


def test_unknown_link_says_so(db):
    assert "not one of ours" in invitation_problem(invitation_by_secret("sfl_unknown"))


def test_link_works_once(db):
    InvitationFactory(secret="sfl_a")
    invitation_accept(secret="sfl_a", full_name="Nina", password=PASSWORD)
    with pytest.raises(ApplicationError, match="used already"):
        invitation_accept(secret="sfl_a", full_name="Nina", password=PASSWORD)
    assert Membership.objects.filter(user__full_name="Nina").count() == 1


def test_withdrawn_after_acceptance_is_refused(in_workspace, admin):
    invitation = InvitationFactory(invited_by=admin, accepted_at=timezone.now())
    with pytest.raises(ApplicationError, match="has accepted already"):
        invitation_withdraw(invitation=invitation, actor=admin)
