"""The core journey without a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MANAGER, REP, hold_answer

MOST_TABS = 80


@pytest.fixture
def page(page_of):
    page = page_of(REP)
    page.goto("/")
    return page


def tab_to(page: Page, locator) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(MOST_TABS):
        if locator.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {locator}")


def test_the_first_tab_skips_to_the_content(page):
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_keys_go_to_pages_and_are_listed(page):
    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    expect(keys).to_contain_text("Deals")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Deals")


def test_a_deal_is_found_and_a_signal_logged(page):
    page.goto("/deals/?sort=name")
    name = page.locator("#rows tbody th a").last.inner_text()
    page.keyboard.press("/")
    palette = page.get_by_role("dialog", name="Search")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(name)
    expect(palette.get_by_role("option", selected=True)).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.wait_for_load_state()  # or nobody hears the key yet

    page.keyboard.press("l")
    dialog = page.get_by_role("dialog", name="What did they do?")
    expect(dialog).to_be_visible()
    word = dialog.get_by_role("button", name="We saw it").first
    tab_to(page, word)
    activity = word.locator("xpath=..").get_attribute("aria-label").removesuffix(": whose word?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    newest = page.get_by_role("region", name="History").get_by_role("listitem").first
    expect(newest).to_contain_text(activity)

    undo = newest.get_by_role("button", name=f"Undo: {activity}")
    undo.focus()
    page.keyboard.press("Enter")
    expect(newest).to_contain_text("taken back")


def test_the_theme_is_chosen_and_remembered(page):
    page.goto("/deals/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    menu = page.locator("summary", has_text="Your menu").filter(visible=True)
    tab_to(page, menu)
    page.keyboard.press("Enter")
    dark = page.get_by_role("button", name="Dark").filter(visible=True)
    tab_to(page, dark)
    page.keyboard.press("Enter")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_the_focus_stays_in_a_list_at_its_last_page(page_of):
    page = page_of(MANAGER)
    page.goto("/deals/?outcome=all")
    more, earlier = page.get_by_role("link", name="More", exact=True), page.get_by_role("link", name="Earlier")
    more.focus()
    page.keyboard.press("Enter")
    expect(earlier).to_be_visible()
    while more.count():
        expect(more).to_be_focused()
        address = page.url
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, address=address: url != address)
    expect(page.locator("#rows")).to_be_focused()


def test_a_card_is_moved_on_the_board(page):
    page.goto("/deals/board/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=re.compile("^Move .*…$"))).first
    name = card.get_by_role("link").first.inner_text()
    before = card.locator("xpath=ancestor::section").get_attribute("aria-label")
    move = page.get_by_role("link", name=f"Move {name}…")
    move.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Where are we?")
    target = dialog.get_by_role("button").filter(has=page.locator(".choice__name")).first
    stage = target.locator(".choice__name").inner_text()
    tab_to(page, target)
    page.keyboard.press("Enter")
    column = page.get_by_role("region", name=stage, exact=True)
    expect(column.get_by_role("link", name=name, exact=True)).to_be_visible()
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text(f"We are at “{stage}”.")
    expect(messages).to_have_attribute("aria-live", "polite")
    messages.get_by_role("button", name="Undo").click()
    home = page.get_by_role("region", name=before, exact=True)
    expect(home.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_arrows_move_a_card_and_say_so(page):
    page.goto("/deals/board/")
    card = page.locator(".deal-card").first
    before = card.locator("xpath=ancestor::section").get_attribute("aria-label")
    column = page.get_by_role("region", name=before, exact=True)
    name = card.get_by_role("link").first.inner_text()
    card.get_by_role("link").first.focus()
    let_through = hold_answer(page, "**/deals/board/*moved=*")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#announcer")).to_contain_text(f"{name} to ")
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text(f"{name}: we are at “")
    expect(column.get_by_role("link", name=name, exact=True)).to_have_count(0)
    messages.get_by_role("button", name="Undo").click()
    expect(messages).to_contain_text("Taken back.")
    let_through()  # how it was before the undo, after the undo was told
    expect(column.get_by_role("link", name=name, exact=True)).to_be_visible()
