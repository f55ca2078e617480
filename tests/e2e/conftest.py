"""A running site, a browser, and people who are signed in.

A site takes half a minute to start. While writing tests, keep one in another terminal:
`script/with-stack python -m tests.e2e.site kept.json`, then `KEPT_SITE=kept.json python -m pytest tests/e2e`.
"""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.e2e.site import ROOT, Site, browser_of, running_site

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
DESIGNER, MANAGER, REP, ADMIN = "designer", "manager", "rep", "admin"
SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
NARROW, WIDE = {"width": 375, "height": 800}, {"width": 1280, "height": 900}
WIDER = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const out = [...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > wide + 1);
    const inScroller = each => each.parentElement.closest('.table-scroll, .board, .journey-map__scroll');
    return out.filter(each => !inScroller(each)).slice(0, 5).map(each => each.outerHTML.slice(0, 120));
}"""
PATIENCE = 30_000  # milliseconds: the machine may be busy with other things
REFUSED = 400  # statuses from here on are refusals

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def site():
    if kept := os.environ.get("KEPT_SITE"):
        yield Site(**json.loads(Path(kept).read_text()))
        return
    with running_site(f"salesflow_e2e_{os.getpid()}") as running:
        yield running


@pytest.fixture(scope="session")
def sign_ins(site):
    """Give {role: (e-mail, password)} of the demo company, its admin among them."""
    lines = [line.split() for line in site.manage("load_demo", "--print-sign-ins").splitlines() if "@" in line]
    found = {role: (email, password) for role, email, password in lines}
    return found | {ADMIN: ("priya@example.com", found[DESIGNER][1])}


@pytest.fixture(scope="module")
def chromium():
    """Give a browser. It ends with its module: Playwright's event loop must not outlive the browser tests, or Django
    refuses the database to whatever test comes next in this process."""
    with sync_playwright() as playwright:
        browser = browser_of(playwright)
        yield browser
        browser.close()


def sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in form and send it."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture(scope="session")
def kept_states():
    """Keep {role: browser state} from one browser to the next."""
    return {}


@pytest.fixture(scope="module")
def states(site, sign_ins, chromium, kept_states):
    """Give {role: browser state after signing in by the page}."""
    found = kept_states
    for role, (email, password) in () if found else sign_ins.items():
        context = chromium.new_context(base_url=site.url)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        sign_in(page, email, password)
        page.wait_for_url(f"{site.url}/")
        found[role] = context.storage_state()
        context.close()
    return found


class People:
    """Opens pages for people of a role, and keeps what goes wrong on them: `page_of("rep", width=375)`."""

    def __init__(self, site: Site, states: dict, browser) -> None:
        self.site, self.states, self.browser = site, states, browser
        self.troubles: list[str] = []
        self.refusals: set[int] = set()  # statuses that a test provokes
        self.words: list[str] = []  # of the console, that a test provokes
        self.contexts: list[BrowserContext] = []

    def __call__(self, role: str | None, *, width: int = 1280, height: int = 900, scheme: str = "light", **options):
        context = self.browser.new_context(
            base_url=self.site.url,
            storage_state=self.states[role] if role else None,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            **options,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message))
        page.on("request", lambda request: self._foreign(request.url) and self.troubles.append(f"to {request.url}"))
        page.on("requestfailed", lambda request: self._failed(page, request))
        page.on("response", self._answered)
        return page

    def expect_refusals(self, *statuses: int) -> None:
        """Say which refusals this test asks for."""
        self.refusals.update(statuses)

    def expect_words(self, words: str) -> None:
        """Say which words of the console this test asks for."""
        self.words.append(words)

    def _heard(self, page: Page, message) -> None:
        # A refused request is judged by its status, below; the browser and htmx both report it here too.
        about_status = message.text.startswith(("Failed to load resource", "Response Status Error Code"))
        asked_for = any(words in message.text for words in self.words)
        if message.type == "error" and not about_status and not asked_for:
            self.troubles.append(f"{page.url}: {message.text}")

    def _answered(self, response) -> None:
        if response.status >= REFUSED and response.status not in self.refusals:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, page: Page, request) -> None:
        # Going to another page ends what the former one still asked for.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{page.url}: {request.url} {request.failure}")

    def _foreign(self, url: str) -> bool:
        return not url.startswith((self.site.url, "data:", "blob:", "about:"))


@pytest.fixture
def page_of(site, states, chromium):
    """Give a page signed in as a role. At the end nothing may have gone wrong in the console or on the network."""
    people = People(site, states, chromium)
    yield people
    for context in people.contexts:
        context.close()
    assert people.troubles == []


def hold_answer(page: Page, address, fetch=lambda route: route.fetch()):
    """Hold back the answer to the page's next request of an address; give what lets it through."""
    held = []
    page.route(address, lambda route: held.append((route, fetch(route))), times=1)

    def let_through() -> None:
        for _ in range(PATIENCE // 50):
            if held:
                break
            page.wait_for_timeout(50)
        [(route, answer)] = held
        route.fulfill(response=answer)

    return let_through


@pytest.fixture(scope="session")
def axe():
    """Give the accessibility rules that a page breaks, as readable lines; an empty list is what we want."""
    source = Path(AXE).read_text()

    def check(page: Page, *, only: list[str] | None = None) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)  # by the debugger, so that the page's CSP is not loosened for the test
        run = {"type": "rule", "values": only} if only else {"type": "tag", "values": RULES}
        result = page.evaluate("run => axe.run(document, {runOnly: run, resultTypes: ['violations']})", run)
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return check


@pytest.fixture
def look(axe):
    """Give what is wrong with the page that is open, wide and narrow, light and dark."""

    def found(page: Page) -> list[str]:
        page.wait_for_function(SETTLED)
        page.set_viewport_size(WIDE)
        wrong = [f"wide, light: {broken}" for broken in axe(page)]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        wrong += [f"wide, dark: {broken}" for broken in axe(page, only=OF_COLOURS)]  # themes differ in them alone
        wrong += [f"wider than the screen: {part}" for part in page.evaluate(WIDER)]
        page.set_viewport_size(NARROW)
        wrong += [f"narrow, dark: {broken}" for broken in axe(page)]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        wrong += [f"narrow, light: {broken}" for broken in axe(page, only=OF_COLOURS)]
        wrong += [f"narrow: wider than the screen: {part}" for part in page.evaluate(WIDER)]
        page.set_viewport_size(WIDE)
        return wrong

    return found
