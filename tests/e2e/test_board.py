"""The board with a thousand cards: what it shows at once, and how a card is moved without a mouse."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from deals.selectors.board import CARDS as SHOWN
from deals.selectors.board import MORE_CARDS as MORE
from tests.e2e.cards import CARDS, OWNER
from tests.e2e.conftest import REP, SETTLED, sign_in

REQUESTS = 25
CHANGED = "document.body.dispatchEvent(new CustomEvent('deal-changed', {bubbles: true}))"


@pytest.fixture
def board(site, sign_ins, page_of):
    site.manage("shell", "-c", "from tests.e2e.cards import make; make()")
    page = page_of(None)
    sign_in(page, OWNER, sign_ins[REP][1])
    page.wait_for_url(f"{site.url}/")
    yield page
    site.manage("shell", "-c", "from tests.e2e.cards import take_away; take_away()")


def count_of(column) -> int:
    return int(re.search(r"([\d,]+)$", column.get_by_role("heading").inner_text())[1].replace(",", ""))


def test_a_thousand_cards(board, page_of, axe):
    answers = []
    board.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks the function
    board.goto("/deals/board/", wait_until="networkidle")
    assert len(answers) <= REQUESTS
    columns = board.locator(".board__column").all()
    counts = [count_of(column) for column in columns]
    assert sum(counts) == CARDS
    assert [column.locator(".deal-card").count() for column in columns] == [SHOWN] * len(columns)
    first, second = columns[:2]
    first.get_by_role("link", name="Show more").click()
    expect(first.locator(".deal-card")).to_have_count(SHOWN + MORE)
    expect(first.locator(".deal-card").nth(SHOWN).get_by_role("link").first).to_be_focused()
    assert axe(board) == []

    # by keys: from the end of what was loaded, to the top of the next column, with the focus on it
    card = first.locator(".deal-card").last
    name, place = card.get_by_role("link").first.inner_text(), f"#{card.get_attribute('id')}"
    card.get_by_role("link").first.press("Alt+ArrowRight")
    expect(board.locator("#announcer")).to_have_text(re.compile(f"^{name} to .+"))
    expect(second.get_by_role("heading")).to_have_text(re.compile(rf"{counts[1] + 1}$"))
    expect(first.get_by_role("heading")).to_have_text(re.compile(rf"{counts[0] - 1}$"))
    expect(second.locator(".deal-card").first).to_have_attribute("id", place[1:])
    expect(board.locator(f"{place} a").first).to_be_focused()

    # by its button: on top of the column that was chosen, whatever its score
    card = first.locator(".deal-card").last
    name, place = card.get_by_role("link").first.inner_text(), card.get_attribute("id")
    card.get_by_role("link", name=f"Move {name}…").click()
    board.get_by_role("dialog").locator(".choice__press").first.click()
    expect(board.get_by_role("region", name="Messages")).to_contain_text("We are at “")
    expect(first.get_by_role("heading")).to_have_text(re.compile(rf"{counts[0] - 2}$"))
    expect(second.locator(".deal-card").first).to_have_attribute("id", place)

    # a move that is refused puts the card back
    page_of.expect_refusals(404)
    card, form = first.locator(".deal-card").first, board.locator("#board-move")
    place = card.get_attribute("id")
    form.evaluate(
        """(form, id) => {
            const card = document.getElementById(id);
            document.querySelectorAll(".board__cards")[1].prepend(card);
            form.elements.item.value = card.dataset.itemId;
            form.elements.list.value = "0";
            form.requestSubmit();
        }""",
        place,
    )
    expect(first.locator(f"#{place}")).to_have_count(1)
    expect(second.locator(f"#{place}")).to_have_count(0)

    # as a list: pages are turned in place, by keys too
    board.goto("/deals/?outcome=open&sort=name")
    names = board.locator("#rows tbody th")
    first_name = names.first.inner_text()
    board.locator("#page-next").press("Enter")
    expect(names.first).not_to_have_text(first_name)
    expect(names.first).to_be_in_viewport()
    expect(board.locator("#page-next")).to_be_focused()
    expect(board.locator("#rows")).to_have_count(1)
    expect(board.get_by_role("navigation", name="Pages")).to_have_count(1)
    assert "after=" in board.url
    board.go_back()
    expect(names.first).to_have_text(first_name)


def tell_of_a_change(page: Page) -> Locator:
    """Have the board sent anew; give the one from before."""
    page.locator("#board").evaluate("board => board.dataset.before = ''")
    with page.expect_response("**/deals/board/*"):
        page.evaluate(CHANGED)
    page.wait_for_function(SETTLED)
    return page.locator("#board[data-before]")


def test_a_press_is_not_lost_while_the_board_is_sent_anew(page_of):
    page = page_of(REP)
    page.goto("/deals/board/", wait_until="networkidle")
    move = page.get_by_role("link", name=re.compile("^Move .*…$")).first
    move.hover()
    page.mouse.down()
    before = tell_of_a_change(page)
    expect(before).to_have_count(1)
    page.mouse.up()
    expect(page.get_by_role("dialog", name="Where are we?")).to_be_visible()
    expect(before).to_have_count(0)
    page.keyboard.press("Escape")
    expect(move).to_be_focused()


def test_a_drag_goes_on_while_the_board_is_sent_anew(page_of):
    page = page_of(REP)
    page.goto("/deals/board/", wait_until="networkidle")
    columns = page.locator(".board__column")
    card = columns.nth(1).locator(".deal-card").first
    name, edge = card.get_attribute("data-item-name"), card.bounding_box()
    page.mouse.move(edge["x"] + 12, edge["y"] + edge["height"] - 6)
    page.mouse.down()
    there = columns.nth(2).locator(".board__cards").bounding_box()
    page.mouse.move(there["x"] + 60, there["y"] + 40, steps=10)
    before = tell_of_a_change(page)
    expect(before).to_have_count(1)
    page.mouse.move(there["x"] + 70, there["y"] + 50, steps=5)
    page.mouse.up()
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text(f"{name}: we are at “")
    expect(before).to_have_count(0)
    expect(columns.nth(2).get_by_role("link", name=name, exact=True)).to_be_visible()
    messages.get_by_role("button", name="Undo").click()
    expect(messages).to_contain_text("Taken back.")


def test_the_board_stays_where_it_was_scrolled_to(page_of):
    page = page_of(REP, width=375)
    page.goto("/deals/board/", wait_until="networkidle")
    board = page.locator(".board")
    board.locator(".board__column").nth(2).evaluate("column => column.scrollIntoView({inline: 'start'})")
    left = board.evaluate("board => board.scrollLeft")
    assert left > 0
    expect(tell_of_a_change(page)).to_have_count(0)
    assert board.evaluate("board => board.scrollLeft") == left
