"""Headers of every answer, also of those that say what went wrong."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def assert_guarded(response):
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy == CSP
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]


@pytest.mark.parametrize("url", ["/healthz/live", "/accounts/login/", "/api/v1/jobs/", "/api/schema/", "/nothing/here"])
def test_answers_to_anybody_are_guarded(db, client, url):
    assert_guarded(client.get(url))


def test_pages_of_members_are_guarded_and_kept_out_of_caches(rep, client_of):
    response = client_of(rep).get(reverse("accounts:profile"))
    assert response.status_code == 200
    assert_guarded(response)
    assert response.headers["Cache-Control"] == "private, no-store"


def test_refusals_are_guarded(rep, client_of):
    client = client_of(rep)
    assert_guarded(forbidden := client.get(reverse("accounts:people")))
    assert forbidden.status_code == 403
    assert_guarded(missing := client.get(reverse("jobs:detail", args=[1])))
    assert missing.status_code == 404
    assert_guarded(wrong_method := client.post(reverse("accounts:settings")))
    assert wrong_method.status_code == 405


@pytest.mark.parametrize(("error", "status"), [(ZeroDivisionError, 500), (OperationalError, 503)])
def test_a_broken_page_is_guarded_names_its_request_and_shows_no_trace(error, status, rep, client_of, monkeypatch):
    def broken(*_, **__):
        raise error("the inside")

    monkeypatch.setattr("jobs.views.jobs", broken)
    client = client_of(rep)
    client.raise_request_exception = False
    response = client.get(reverse("jobs:list"), headers={"X-Request-ID": "a-request-of-ours"})
    assert response.status_code == status
    assert ("Retry-After" in response) == (status == 503)
    assert_guarded(response)
    body = response.content.decode()
    assert "a-request-of-ours" in body
    assert "Traceback" not in body
    assert "the inside" not in body
    assert ("The database does not answer" in body) == (error is OperationalError)


def test_forged_form_is_refused_and_guarded(rep, client_of):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rep.user)
    response = client.post(reverse("accounts:profile"), {"full_name": "Mallory", "time_zone": "UTC"})
    assert response.status_code == 403
    assert_guarded(response)
    rep.user.refresh_from_db()
    assert rep.user.full_name == "Rolf Rep"


def test_deployment_check_finds_nothing():
    environment = os.environ | {
        "SALESFLOW_ENV": "production",
        "SECRET_KEY": "".join(chr(33 + n) for n in range(80)),
        "ALLOWED_HOSTS": "sales.example.com",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced)."), done.stderr
