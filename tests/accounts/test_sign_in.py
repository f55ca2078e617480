"""Signing in and out, resets, the second step, and their limits, through allauth's own pages."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from core import scope
from tests.factories.accounts import PASSWORD, UserFactory

LOGIN = "/accounts/login/"
WRONG = "a wrong long password"


@pytest.fixture(autouse=True)
def no_limits_from_before(db):
    cache.clear()


def sign_in(client, email, password):
    return client.post(LOGIN, {"login": email, "password": password})


def prove_oneself_again(client):
    """Give the password once more, as allauth asks before a change of the second step."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def on_record(member):
    """Give what the audit says that a member did to their own sign-in."""
    with scope.in_workspace(member.workspace_id):
        events = AuditEvent.objects.filter(actor_id=member.pk, verb__startswith="account.").order_by("pk")
        return list(events.values_list("verb", "changes"))


def words(response):
    """Give what a page says, without its token and without what was typed."""
    body = re.sub(r'(csrf[^>]*|value="[^"]*"|content="[^"]*")', "", response.content.decode())
    return re.sub(r"\s+", " ", body)


def test_sign_in_and_out(rep, client):
    assert sign_in(client, rep.user.email.upper(), PASSWORD).headers["Location"] == "/"
    assert client.get("/settings/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/settings/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/settings/").status_code == 302


def test_sign_in_leads_back_to_the_page_asked_for_and_nowhere_else(rep, client):
    there = client.post(f"{LOGIN}?next=/jobs/", {"login": rep.user.email, "password": PASSWORD, "next": "/jobs/"})
    assert there.headers["Location"] == "/jobs/"
    client.post("/accounts/logout/")
    away = client.post(LOGIN, {"login": rep.user.email, "password": PASSWORD, "next": "https://evil.example/"})
    assert away.headers["Location"] == "/"


def test_unknown_people_read_the_same_words(rep, client):
    known, unknown = sign_in(client, rep.user.email, WRONG), sign_in(client, "nobody@example.com", WRONG)
    assert known.status_code == unknown.status_code == 200
    assert words(known) == words(unknown)


def test_unknown_people_cost_the_same_hashing(client, monkeypatch):
    hashed = []
    real = User.set_password
    monkeypatch.setattr(User, "set_password", lambda person, password: hashed.append(1) or real(person, password))
    sign_in(client, "nobody@example.com", WRONG)
    assert hashed == [1]


def test_five_wrong_passwords_close_an_account_for_a_while(rep, client):
    for _ in range(5):
        sign_in(client, rep.user.email, WRONG)
    response = sign_in(client, rep.user.email, PASSWORD)
    assert "_auth_user_id" not in client.session
    assert "Too many failed" in response.content.decode()


def test_limits_are_counted_in_the_database():
    assert django_settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    assert django_settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000
    assert django_settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


def test_inactive_person_does_not_come_in(rep, client):
    rep.user.is_active = False
    rep.user.save()
    sign_in(client, rep.user.email, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_sign_up_is_closed(db, client):
    assert client.get("/accounts/signup/").status_code == 200
    client.post("/accounts/signup/", {"email": "mallory@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_password_change_keeps_the_rules(rep, client_of):
    client, url = client_of(rep), "/accounts/password/change/"
    change = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert client.post(url, change).status_code == 200
    new = "another calm password"
    assert client.post(url, change | {"password1": new, "password2": new}).status_code == 302
    rep.user.refresh_from_db()
    assert rep.user.check_password(new)
    assert on_record(rep) == [("account.change_password", {})]


def test_password_reset_by_mail(rep, client):
    url = "/accounts/password/reset/"
    assert client.post(url, {"email": rep.user.email}).headers["Location"] == reverse("account_reset_password_done")
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    new = "another calm password"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    rep.user.refresh_from_db()
    assert rep.user.check_password(new)
    assert on_record(rep) == [("account.reset_password", {})]


def test_password_reset_of_nobody_answers_the_same_and_mails_nobody(db, client):
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert response.headers["Location"] == reverse("account_reset_password_done")
    assert mail.outbox == []


def code_now(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_second_step_by_app_and_by_recovery_code(rep, client, django_capture_on_commit_callbacks):
    sign_in(client, rep.user.email, PASSWORD)
    prove_oneself_again(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
    codes = Authenticator.objects.get(user=rep.user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    client.post("/accounts/logout/")
    step = sign_in(client, rep.user.email, PASSWORD)
    assert step.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/settings/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/settings/").status_code == 200
    prove_oneself_again(client)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    added = [("account.add_second_factor", {"kind": kind}) for kind in ("TOTP Authenticator", "Recovery codes")]
    removed = [("account.remove_second_factor", change) for _, change in added]
    assert sorted(on_record(rep), key=str) == sorted(added + removed, key=str)


@pytest.mark.parametrize("name", ["mfa_index", "mfa_list_webauthn", "usersessions_list", "account_email"])
def test_pages_of_ones_own_sign_in(name, rep, client):
    sign_in(client, rep.user.email, PASSWORD)
    assert client.get(reverse(name)).status_code == 200


def test_passkey_pages_offer_a_challenge(rep, client):
    sign_in(client, rep.user.email, PASSWORD)
    prove_oneself_again(client)
    assert "creation_options" in client.get(reverse("mfa_add_webauthn")).content.decode()
    client.post("/accounts/logout/")
    assert "request_options" in client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()


def test_people_without_a_workspace_are_told_so(client):
    person = UserFactory()
    sign_in(client, person.email, PASSWORD)
    assert "You are in no workspace" in client.get("/").content.decode()
