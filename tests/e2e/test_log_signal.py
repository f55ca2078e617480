"""What a rep logs on a deal, and how the score answers by itself."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import REP, hold_answer

RESCORED = 60_000  # the worker may be busy


def open_deal(page: Page, nth: int = 0, gap: str = "") -> None:
    """Open an open deal of the rep's from the list."""
    page.goto(f"/deals/?sort=score&gap={gap}")
    page.locator("#rows tbody th a").nth(nth).click()
    expect(page.get_by_role("link", name="Log a signal…")).to_be_visible()
    page.evaluate("window.sameDocument = true")


def history(page: Page) -> Locator:
    return page.get_by_role("region", name="History").get_by_role("listitem")


def score(page: Page) -> Locator:
    return page.locator("#alignment-figure")


def expect_no_reload(page: Page) -> None:
    assert page.evaluate("window.sameDocument") is True, "the page was loaded again"


@pytest.mark.parametrize(("width", "nth"), [(1280, 0), (375, 1)])
def test_a_signal_takes_two_presses_and_the_score_follows_by_itself(page_of, width, nth):
    page = page_of(REP, width=width)
    open_deal(page, nth)
    former = score(page).inner_text()
    seen = page.locator("#deal-state").get_attribute("hx-get")
    page.get_by_role("link", name="Log a signal…").click()
    dialog = page.get_by_role("dialog", name="What did they do?")
    dialog.get_by_role("button", name="They said so").filter(visible=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text("Logged: “")
    logged = re.search("“(.+)”", messages.inner_text())[1]
    expect(history(page).filter(has_text=logged).first).to_contain_text("they")
    expect(page.locator("#deal-state:not([data-stale])")).not_to_have_attribute("hx-get", seen, timeout=RESCORED)
    expect(score(page)).not_to_have_text(former, timeout=RESCORED)

    messages.get_by_role("button", name="Undo").click()
    expect(messages).to_contain_text("Taken back.")
    expect(history(page).filter(has_text=logged).first).to_contain_text("taken back")
    expect(score(page)).to_have_text(former, timeout=RESCORED)
    expect_no_reload(page)


def test_a_move_back_asks_why_and_is_undone_in_the_history(page_of):
    page = page_of(REP)
    page_of.expect_refusals(422)
    open_deal(page, 2, "ahead")
    page.get_by_role("link", name="Move stage…").first.click()
    dialog = page.get_by_role("dialog", name="Where are we?")
    stage = dialog.get_by_role("button", name=re.compile("^Back to ")).first
    name = stage.inner_text().strip().splitlines()[0].removeprefix("Back to ")
    reason = dialog.get_by_label(re.compile("Why does it go back"))
    reason.fill("Their new controller asked for the numbers again")
    stage.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    moved = history(page).filter(has_text=f"to “{name}”").first
    expect(moved).to_contain_text("“Their new controller asked for the numbers again”")
    expect(page.locator(".journey-map__column", has=page.locator(".stage-card--ours"))).to_contain_text(name)
    moved.get_by_role("button", name=f"Undo: {name}").click()
    expect(moved).to_contain_text("taken back")
    expect(page.locator(".journey-map__column", has=page.locator(".stage-card--ours"))).not_to_contain_text(
        re.compile(f"^{re.escape(name)}")
    )
    expect_no_reload(page)


def log_effort(page: Page) -> str:
    """Log the first thing of ours that is offered, and wait until the history begins with it; give its name."""
    seen = page.locator("#deal-state").get_attribute("hx-get")
    page.get_by_role("link", name="We did…").click()
    dialog = page.get_by_role("dialog", name="What did we do?")
    choice = dialog.get_by_role("button", name=re.compile("Sales|Marketing|Partner|Internal", re.IGNORECASE)).first
    done = choice.locator(".choice__name").inner_text()
    choice.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # An effort of this name may stand there from before: only the part that was sent anew has the new one.
    expect(page.locator("#deal-state")).not_to_have_attribute("hx-get", seen)
    expect(history(page).first).to_contain_text(done)
    return done


def test_an_effort_is_logged(page_of):
    page = page_of(REP)
    open_deal(page, 1)
    done = log_effort(page)
    history(page).first.get_by_role("button", name=f"Undo: {done}").click()
    expect(history(page).first).to_contain_text("taken back")
    expect_no_reload(page)


def test_an_undo_is_shown_where_its_button_was_replaced_meanwhile(page_of):
    page = page_of(REP)
    open_deal(page, 2)
    done = log_effort(page)
    expect(page.locator("#deal-state:not([data-stale])")).to_be_visible(timeout=RESCORED)
    page.evaluate(
        """document.addEventListener("htmx:beforeSend", (event) => {
            const form = event.detail.elt;
            if (form.matches("form")) form.replaceWith(form.cloneNode(true));
        })"""
    )
    history(page).first.get_by_role("button", name=f"Undo: {done}").click()
    page_looks_by_itself_after = 30_000
    expect(history(page).first).to_contain_text("taken back", timeout=page_looks_by_itself_after / 2)
    expect_no_reload(page)


def test_a_change_told_while_the_page_asks_is_shown(page_of):
    page = page_of(REP)
    open_deal(page, 3)
    state = page.locator("#deal-state")
    expect(page.locator("#deal-state:not([data-stale])")).to_be_visible(timeout=RESCORED)
    seen = state.get_attribute("hx-get")
    asks, whole = re.compile(r"/deals/\d+/state/"), lambda route: route.fetch(url=route.request.url.split("?")[0])
    let_through = hold_answer(page, asks, whole)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('deal-changed', { bubbles: true }))")
    page.get_by_role("link", name="We did…").click()
    page.get_by_role("dialog", name="What did we do?").locator(".choice__press").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(state).to_have_attribute("hx-get", seen)
    let_through()
    page_looks_by_itself_after = 30_000
    expect(state).not_to_have_attribute("hx-get", seen, timeout=page_looks_by_itself_after / 2)
    expect_no_reload(page)
