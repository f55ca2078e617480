"""Nobody gets past the walls: every address, as a stranger, as nobody, as a rep without the deal."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.choices import Role
from core.models import WorkspaceManager
from tests.architecture import walls
from tests.architecture.victim import CANARY, DEAL_CANARY, build, contents
from tests.factories.accounts import ApiTokenFactory, MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DENIED = {403, 404, 405}
METHODS = ("get", "post")
SIGN_IN = "/accounts/login/"


@pytest.fixture
def victim(db):
    return build()


def ask(client, method, url, **options):
    client.raise_request_exception = False
    response = getattr(client, method)(url, **options)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response, body.decode(errors="replace")


def find_holes(victim, client_for, judge, *, chosen=bool):
    """Ask every chosen address by each method; give what `judge` finds wrong."""
    holes, client = [], client_for()
    for address in walls.addresses():
        if not chosen(address):
            continue
        try:
            url = walls.filled(address, victim)
        except LookupError as unlisted:
            holes.append(str(unlisted))
            continue
        for method in METHODS:
            # allauth's pages sign out, so they get a client of their own
            response, body = ask(client_for() if walls.is_allauth(address) else client, method, url)
            if wrong := judge(address, method, response, body):
                holes.append(f"{method.upper()} {url} ({address.name}): {wrong}")
    return holes


def is_refused(address, response):
    """Tell a refusal; a rubbish token of an undo may be called just that."""
    return response.status_code in DENIED or ("token" in address.parameters and response.status_code == 400)


def leak(body, url_secrets=(CANARY,)):
    return [word for word in url_secrets if word in body]


def judge_stranger(address, method, response, body):
    """A member of another workspace: nothing of the victim, and a refusal wherever an object is named."""
    if response.status_code >= 500:
        return f"broke with {response.status_code}"
    if address.name in walls.BY_SECRET:
        return ""
    if leak(body):
        return "shows the other workspace"
    if address.name in walls.PUBLIC or (walls.is_allauth(address) and "pk" not in address.parameters):
        return ""
    if not address.parameters:
        return "" if address.name in walls.OWN else "is not listed in tests/architecture/walls.py"
    asked_again = walls.is_allauth(address) and response.status_code == 302  # allauth wants the password first
    return "" if is_refused(address, response) or asked_again else f"answers {response.status_code}"


@pytest.mark.parametrize("role", [Role.DESIGNER, Role.ADMIN, Role.MANAGER])
def test_member_of_another_workspace_gets_nothing(role, victim, client_of):
    stranger = MembershipFactory(role=role)
    before = contents(victim.workspace)
    assert find_holes(victim, lambda: client_of(stranger), judge_stranger) == []
    assert contents(victim.workspace) == before


def judge_nobody(address, method, response, body):
    if leak(body) and address.name not in walls.BY_SECRET:
        return "shows a workspace"
    if response.status_code >= 500:
        return f"broke with {response.status_code}"
    if address.name in walls.PUBLIC or address.name in walls.BY_SECRET or walls.is_allauth(address):
        return ""
    if response.status_code == 405:
        return ""
    to_sign_in = response.status_code == 302 and response.headers["Location"].startswith(SIGN_IN)
    return "" if to_sign_in else f"answers {response.status_code} without sign-in"


def test_nobody_gets_past_the_sign_in(victim):
    before = contents(victim.workspace)
    assert find_holes(victim, Client, judge_nobody) == []
    assert contents(victim.workspace) == before


def judge_rep(address, method, response, body):
    """A rep of the same workspace who does not own the deal."""
    if response.status_code >= 500:
        return f"broke with {response.status_code}"
    if leak(body, (DEAL_CANARY,)):
        return "shows a deal that is not theirs"
    if not address.parameters or (method == "get" and address.name in walls.REP_READS):
        return ""
    return "" if is_refused(address, response) else f"answers {response.status_code}"


def test_rep_without_the_deal_gets_nothing_of_it(victim, client_of):
    rep = MembershipFactory(workspace=victim.workspace, role=Role.REP)
    before = contents(victim.workspace)

    def chosen(address):
        return not walls.is_allauth(address) and address.name not in {*walls.BY_SECRET, *walls.OWN_CHOICES}

    assert find_holes(victim, lambda: client_of(rep), judge_rep, chosen=chosen) == []
    after = contents(victim.workspace)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


def test_own_pages_are_answered_to_a_designer(victim, client_of):
    """The walk would pass where everything is refused: these pages are not."""
    client = client_of(victim.people[Role.DESIGNER])
    refused = {name: ask(client, "get", reverse(name))[0].status_code for name in sorted(walls.OWN)}
    assert {name for name, status in refused.items() if status != 200} == {
        "accounts:workspace",
        "accounts:people",
        "accounts:invitations",
        "accounts:teams",
        "audit:events",
        "audit:export",
        "interviews:code_drop",
        "interviews:codes_starter",
        "buying_process:skills_begin",
        "deals:retry_all",
    }


def test_api_refuses_another_workspaces_token(victim):
    ApiTokenFactory(membership=MembershipFactory(role=Role.DESIGNER), secret="sfl_stranger")
    client, holes, before = Client(), [], contents(victim.workspace)
    for method, path in walls.operations():
        url = walls.filled_operation(path, victim)
        response, body = ask(
            client,
            method,
            url,
            headers={"Authorization": "Bearer sfl_stranger"},
            **({} if method == "get" else {"data": "{}", "content_type": "application/json"}),
        )
        if CANARY in body or response.status_code >= 500:
            holes.append(f"{method.upper()} {url}: {response.status_code} {body[:200]}")
        elif "{" in path and response.status_code not in DENIED:
            holes.append(f"{method.upper()} {url}: answers {response.status_code}")
    assert holes == []
    assert contents(victim.workspace) == before


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer sfl_unknown"}, {"Authorization": "Bearer a b"}])
def test_api_refuses_who_has_no_token(header, victim):
    client, holes = Client(), []
    for method, path in walls.operations():
        data = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
        response, body = ask(client, method, walls.filled_operation(path, victim), headers=header, **data)
        if response.status_code != 401 or CANARY in body:
            holes.append(f"{method.upper()} {path}: answers {response.status_code}")
    assert holes == []


def test_session_cookie_is_no_key_to_the_api(victim, client_of):
    client = client_of(victim.people[Role.DESIGNER])
    answers = {client.get(walls.filled_operation(path, victim)).status_code for method, path in walls.operations()}
    assert answers == {401}


def views():
    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield route, pattern
            else:
                yield from walk(pattern.url_patterns, route)

    return walk(get_resolver().url_patterns)


def test_every_view_is_guarded_or_named_as_public():
    unguarded = {
        f"{pattern.callback.__module__}.{pattern.callback.__name__}"
        for route, pattern in views()
        if not route.startswith(("accounts/", "api/")) and not is_guarded(pattern.callback)
    }
    assert unguarded == {
        "accounts.views.invitations.join",
        "deals.views.alerts.digest_off",
        "salesflow.health.live",
        "salesflow.health.ready",
        "salesflow.metrics.metrics",
    }


def is_guarded(view):
    """Tell whether `members_only` wraps the view, at any depth of decorators."""
    while view is not None:
        if hasattr(view, "asks_policy"):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


# models with a workspace whose manager is not scoped, and why
UNSCOPED = {
    "accounts.Membership": "read at sign-in, before there is a workspace; every query of it names the workspace",
}


def test_every_model_of_a_workspace_fails_closed():
    unscoped = {
        model._meta.label
        for model in apps.get_models()
        if any(part.name == "workspace" for part in model._meta.fields)
        and not isinstance(model._default_manager, WorkspaceManager)
    }
    assert unscoped == set(UNSCOPED)


def test_every_model_of_ours_belongs_to_a_workspace():
    rooms = {"accounts", "audit", "jobs", "interviews", "buying_process", "content", "deals", "crm", "reviews"}
    elsewhere = {
        model._meta.label
        for model in apps.get_models(include_auto_created=False)
        if model._meta.app_label in rooms and not any(part.name == "workspace" for part in model._meta.fields)
    }
    assert elsewhere == {"accounts.User", "accounts.Workspace"}
