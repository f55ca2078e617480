"""A running site, a browser, and people who are signed in."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.site import ROOT, running_site

CHROMIUM = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESIGNER, MANAGER, REP, ADMIN = "designer", "manager", "rep", "admin"


@pytest.fixture(scope="session")
def site(worker_id):
    with running_site(f"salesflow_e2e_{worker_id}_{os.getpid()}") as running:
        yield running


@pytest.fixture(scope="session")
def worker_id(request):
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def sign_ins(site):
    """Give {role: (e-mail, password)} of the demo company."""
    lines = [line.split() for line in site.manage("load_demo", "--print-sign-ins").splitlines() if "@" in line]
    return {role: (email, password) for role, email, password in lines}


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def states(site, sign_ins, chromium):
    """Give {role: browser state after signing in by the page}."""
    found = {}
    for role, (email, password) in sign_ins.items():
        context = chromium.new_context(base_url=site.url)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{site.url}/")
        found[role] = context.storage_state()
        context.close()
    return found


@pytest.fixture
def page_of(site, states, chromium):
    """Give a page signed in as a role. At the end nothing may have gone wrong in the console or on the network."""
    troubles: list[str] = []
    contexts = []

    def open_page(role: str | None, *, width: int = 1280, height: int = 900, scheme: str = "light", **options):
        context = chromium.new_context(
            base_url=site.url,
            storage_state=states[role] if role else None,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda message: message.type == "error" and troubles.append(f"{page.url}: {message.text}"))
        page.on("request", lambda request: foreign(request.url) and troubles.append(f"foreign host: {request.url}"))
        page.on("response", lambda response: response.status >= 500 and troubles.append(f"{response.status} {response.url}"))
        page.set_default_timeout(15_000)
        return page

    def foreign(url: str) -> bool:
        return not url.startswith((site.url, "data:", "blob:", "about:"))

    open_page.troubles = troubles
    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def axe():
    """Give the accessibility rules that a page breaks, as readable lines; an empty list is what we want."""
    source = Path(AXE).read_text()

    def check(page) -> list[str]:
        page.evaluate(source)  # by the debugger, so that the page's CSP is not loosened for the test
        result = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
        )
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return check
