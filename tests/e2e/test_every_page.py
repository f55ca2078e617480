"""Every page, light and dark, wide and narrow: nobody is shut out, nothing is wider than the screen, nothing fails."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.addresses import EXCUSED, VISITED, names
from tests.e2e.conftest import ADMIN, DESIGNER, MANAGER, REP, sign_in
from tests.e2e.rows import NEWCOMER

LISTS = (
    "/",
    "/interviews/",
    "/interviews/codes/",
    "/interviews/segments/",
    "/interviews/guides/",
    "/process/",
    "/deals/",
    "/deals/board/",
    "/import/",
    "/jobs/",
    "/search/?q=nothing",
)
TURNED_AWAY = {"socialaccount_login_error": 401}  # pages whose status is a refusal


@pytest.fixture(scope="session")
def rows(site):
    printed = site.manage("shell", "-c", "from tests.e2e.rows import main; main()")
    return json.loads(printed.splitlines()[-1])


def test_every_address_is_visited_or_excused():
    visited = {name for _, pages in VISITED.values() for name in pages}
    known = set(names())
    assert known - visited - set(EXCUSED) == set(), "visit these, or say why not"
    assert (visited | set(EXCUSED)) - known == set(), "these are gone"
    assert visited & set(EXCUSED) == set()


@pytest.mark.parametrize("room", VISITED)
def test_pages_of(page_of, rows, look, room):
    role, pages = VISITED[room]
    page = page_of(role)
    wrong = {}
    page_of.expect_refusals(*(TURNED_AWAY[name] for name in pages if name in TURNED_AWAY))
    for name, address in pages.items():
        answer = page.goto(address.format(**rows))
        found = [] if answer.status == TURNED_AWAY.get(name, 200) else [f"status {answer.status}"]
        found += look(page)
        if found:
            wrong[page.url] = found
    assert wrong == {}, json.dumps(wrong, indent=1)


@pytest.mark.parametrize(
    ("role", "address", "press", "dialog"),
    [
        (DESIGNER, "/interviews/{interview}/", "Change…", "page-dialog"),
        (DESIGNER, "/process/{process}/versions/{draft}/", "Publish…", "page-dialog"),
        (DESIGNER, "/process/{process}/versions/{draft}/", "Add what we do…", "map-detail"),
        (REP, "/deals/{deal}/", "Log a signal…", "page-dialog"),
        (REP, "/deals/{deal}/", "Move stage…", "page-dialog"),
        (REP, "/deals/{deal}/", "We did…", "page-dialog"),
        (DESIGNER, "/import/{import}/", "Forget the file", "confirm-dialog"),
        (REP, "/", "Search /", "palette"),
    ],
)
def test_dialogs(page_of, rows, look, role, address, press, dialog):
    page = page_of(role)
    page.goto(address.format(**rows))
    page.get_by_role("link", name=press, exact=True).or_(page.get_by_role("button", name=press)).first.click()
    expect(page.locator(f"#{dialog}")).to_be_visible()
    assert look(page) == []


def test_the_picker_of_codes(page_of, rows, look):
    page = page_of(DESIGNER)
    page.goto(f"/interviews/{rows['interview']}/coding/")
    page.get_by_label(re.compile("^Answer 1. Arrow keys")).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    picker = page.get_by_role("dialog", name="Give these words a code")
    picker.get_by_role("combobox", name="Code").press_sequentially("line")
    expect(picker.get_by_role("option").first).to_be_visible()
    assert look(page) == []


def test_a_workspace_with_nothing_in_it(page_of, rows, look, sign_ins):
    page = page_of(None)
    sign_in(page, NEWCOMER, sign_ins[DESIGNER][1])
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    wrong = {}
    for address in LISTS:
        page.goto(address)
        if found := look(page):
            wrong[address] = found
    assert wrong == {}, json.dumps(wrong, indent=1)


def test_what_is_not_there_or_not_allowed(page_of, look):
    page_of.expect_refusals(403, 404)
    page = page_of(REP)
    wrong = {}
    for address, status in (("/deals/999999/", 404), ("/no/such/page/", 404), ("/settings/people/", 403)):
        assert page.goto(address).status == status
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if found := look(page):
            wrong[address] = found
    assert wrong == {}, json.dumps(wrong, indent=1)


@pytest.mark.parametrize(
    ("role", "address", "press", "fill"),
    [
        (DESIGNER, "/interviews/new/", "Go on to the questions", {"Weight": "0"}),
        (DESIGNER, "/process/new/", "Make the process", {"Name": " "}),
        (REP, "/deals/new/", "Make the deal", {"Name": " "}),
        (ADMIN, "/settings/invitations/", "Invite", {"E-mail address": "nobody"}),
    ],
)
def test_a_form_with_errors_says_so_and_keeps_what_was_typed(page_of, look, role, address, press, fill):
    page_of.expect_refusals(422)
    page = page_of(role)
    page.goto(address)
    page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true; })")
    for label, value in fill.items():
        page.get_by_label(re.compile(rf"^{label}\W*$")).fill(value)
    page.get_by_role("main").get_by_role("button", name=re.compile(f"^{press}")).click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.matches('input, select, textarea')")
    assert look(page) == []


def test_a_manager_and_an_admin_have_pages_of_their_own(page_of):
    for role, seen in ((MANAGER, "Team"), (ADMIN, "Settings")):
        page = page_of(role)
        page.goto("/")
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name=seen)).to_be_visible()
