"""What sales ops does: from what a customer told to a published process."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESIGNER

CUSTOMER = "Kestrel Foundry"
TRIGGER = (
    "The filters were clogged again and the line stood still for three hours. "
    "Our owner wanted to know what that costs us a year, in money. "
    "Nobody had the number."
)
CIRCLE = (
    "We walked the line together, maintenance and finance and I. "
    "Then we asked two suppliers for their prices and put the offers side by side. "
    "After that we went to see another plant that runs such a machine."
)


@pytest.fixture
def page(page_of):
    return page_of(DESIGNER)


def record(page: Page, customer: str = CUSTOMER) -> None:
    """Record an interview, up to its questions."""
    page.goto("/interviews/")
    page.get_by_role("link", name="Record an interview").first.click()
    page.get_by_label("Customer").fill(customer)
    page.get_by_label("Role of the person").fill("Works manager")
    page.get_by_role("combobox", name="Segment").fill("Metalworking shops")
    page.get_by_label("Date of the interview").fill("2025-05-12")
    page.get_by_label("How the purchase ended").select_option(label="Bought from another")
    page.get_by_label("They agreed that we keep and use this").check()
    page.get_by_role("button", name="Go on to the questions").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(customer)


def type_answer(page: Page, number: int, text: str) -> Locator:
    """Type the answer to a question, and wait until the page says that it is saved."""
    section = page.get_by_role("main").locator("section", has=page.locator("textarea")).nth(number - 1)
    section.get_by_role("textbox").fill(text)
    expect(section.get_by_role("status")).to_contain_text("Saved at")
    return section


def choose_words(page: Page, words: str) -> None:
    """Drag the mouse over words of a coded answer, as a person does."""
    expect(page.locator("[data-code-url]").filter(has_text=words)).to_be_visible()
    box = page.evaluate(
        """words => {
            for (const answer of document.querySelectorAll('[data-code-url]')) {
                const walker = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    const at = node.textContent.indexOf(words);
                    if (at < 0) continue;
                    node.parentElement.scrollIntoView({block: 'center'});
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + words.length);
                    const boxes = [...range.getClientRects()], first = boxes[0], last = boxes.at(-1);
                    return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
                }
            }
            return null;
        }""",
        words,
    )
    assert box, f"“{words}” is not on the page"
    page.mouse.move(box[0], box[1])
    page.mouse.down()
    page.mouse.move(box[2], box[3], steps=8)
    page.mouse.up()


def test_an_interview_saves_by_itself_and_is_there_again(page):
    record(page)
    facts = page.get_by_role("region", name="Facts")
    for words in ("Works manager", "Metalworking shops", "bought from another", "They agreed"):
        expect(facts).to_contain_text(words)
    type_answer(page, 1, TRIGGER)
    page.reload()
    expect(page.get_by_role("textbox").first).to_have_value(TRIGGER)


def test_a_conflicting_edit_shows_both_and_the_person_chooses(page, page_of):
    record(page, "Conflict Works")
    page_of.expect_refusals(409)
    other = page_of(DESIGNER)
    other.goto(page.url)
    type_answer(page, 1, "They had a bad year.")
    other.get_by_role("textbox").first.fill("They had a good year.")
    dialog = other.get_by_role("dialog", name=re.compile("saved this at .* while you were writing"))
    expect(dialog).to_contain_text("They had a bad year.")
    expect(dialog).to_contain_text("They had a good year.")
    dialog.get_by_role("radio", name="Theirs").check()
    dialog.get_by_role("button", name="Keep what is chosen").click()
    expect(other.get_by_role("textbox").first).to_have_value("They had a bad year.")
    page.reload()
    expect(page.get_by_role("textbox").first).to_have_value("They had a bad year.")


def test_words_get_codes_by_mouse_and_by_keyboard(page):
    record(page, "Coding Works")
    type_answer(page, 1, TRIGGER)
    page.get_by_role("link", name="Code it").click()
    picker = page.get_by_role("dialog", name="Give these words a code")
    coded = page.get_by_role("list", name="Coded in answer 1")

    choose_words(page, "The filters were clogged again")
    page.get_by_role("button", name="Code these words…").click()
    expect(picker).to_contain_text("“The filters were clogged again”")
    picker.get_by_role("combobox", name="Code").press_sequentially("clogged")
    picker.get_by_role("option", name=re.compile("Lose hours to clogged filters")).click()
    picker.get_by_role("button", name="Code it").click()
    expect(coded).to_contain_text("Lose hours to clogged filters")

    answer = page.get_by_label(re.compile("^Answer 1. Arrow keys"))
    answer.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(picker).to_contain_text("Our owner wanted to know")
    page.keyboard.type("Ask what it takes of us")
    expect(picker.get_by_role("option", name=re.compile("New code.*Ask what it takes of us"))).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(picker).not_to_be_visible()
    expect(coded).to_contain_text("Ask what it takes of us")

    coded.get_by_role("button", name=re.compile("^Remove Lose hours to clogged filters")).click()
    expect(coded).not_to_contain_text("Lose hours")
    messages = page.get_by_role("region", name="Messages")
    messages.get_by_role("button", name="Undo").click()
    expect(coded).to_contain_text("Lose hours to clogged filters")


def test_a_code_is_dragged_to_none_of_another_kind(page):
    page.goto("/interviews/codes/", wait_until="networkidle")
    kinds = page.locator("#trees > .code-branch")
    code, other = kinds.nth(1).locator(".code-branch__item").first, kinds.first.locator(".code-branch__item").last
    name = code.get_attribute("data-item-name")
    code.locator(".drag-handle").first.hover()
    page.mouse.down()
    place = other.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=8)
    page.mouse.up()
    expect(page.locator("#announcer")).to_have_text(f"{name} stays where it was.")
    expect(kinds.nth(1).locator(".code-branch__item").first).to_have_attribute("data-item-name", name)


def test_suggestions_come_by_themselves_and_are_answered_by_keys(page):
    record(page, "Suggestion Works")
    type_answer(page, 1, TRIGGER)
    type_answer(page, 3, CIRCLE)
    page.get_by_role("link", name="Code it").click()
    page.get_by_role("button", name="Suggest codes").click()
    expect(page.get_by_text("Looking for passages that fit your codes")).to_be_visible()
    suggestions = page.get_by_role("article", name=re.compile("^Suggestion: "))
    expect(suggestions.first).to_be_visible(timeout=90_000)
    first = suggestions.first.get_by_role("strong")
    accepted = first.inner_text()
    page.keyboard.press("a")
    expect(page.get_by_role("region", name="Messages")).to_contain_text(f"Accepted: {accepted}.")
    expect(page.get_by_role("list", name="Coded in answer 1")).to_contain_text(accepted)
    refused = suggestions.first.get_attribute("id")
    page.keyboard.press("r")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Refused")
    expect(page.locator(f"#{refused}")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("list", name="Coded in answer 1")).to_contain_text(accepted)
    expect(page.locator(f"#{refused}")).to_have_count(0)


def test_a_timeline_is_drafted_reordered_and_given_a_return(page):
    record(page, "Timeline Works")
    section = type_answer(page, 3, CIRCLE)
    expect(section).to_be_visible()
    page.get_by_role("link", name="Code it").click()
    for words, code in (
        ("We walked the line together", "Walk the line together"),
        ("put the offers side by side", "Compare the offers"),
        ("went to see another plant", "Visit a peer plant"),
    ):
        choose_words(page, words)
        page.get_by_role("button", name="Code these words…").click()
        picker = page.get_by_role("dialog", name="Give these words a code")
        picker.get_by_role("combobox", name="Code").press_sequentially(code)
        picker.get_by_role("option", name=re.compile(f"^{code}")).click()
        picker.get_by_role("button", name="Code it").click()
        expect(page.get_by_role("list", name="Coded in answer 3")).to_contain_text(code)
    page.get_by_role("navigation", name="This interview").get_by_role("link", name="Timeline").click()
    page.get_by_role("checkbox", name="Visit a peer plant").uncheck()
    page.get_by_role("button", name="Take this draft").click()
    moments = page.locator(".moment__name")
    expect(moments).to_have_text(["Walk the line together", "Compare the offers"])
    page.get_by_role("button", name="Leave out: Visit a peer plant").click()
    page.get_by_text("1 left out").click()
    page.get_by_role("button", name="Offer again: Visit a peer plant").click()
    page.get_by_role("button", name="Take over: Visit a peer plant").click()
    expect(moments).to_have_text(["Walk the line together", "Compare the offers", "Visit a peer plant"])
    page.get_by_label("More for Compare the offers").click()
    page.get_by_label("In their words").filter(visible=True).fill("in May 2024")
    page.get_by_role("button", name="Save the date").filter(visible=True).click()
    expect(moments.nth(1)).to_have_text("Compare the offers 15 May 2024")
    page.keyboard.press("u")
    expect(moments.nth(1)).to_have_text("Compare the offers")
    page.get_by_role("button", name="Move up: Visit a peer plant").click()
    expect(moments).to_have_text(["Walk the line together", "Visit a peer plant", "Compare the offers"])
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Moved: Visit a peer plant.")
    page.get_by_label("More for Walk the line together").click()
    page.get_by_role("button", name="They came back to it").click()
    expect(moments.last).to_have_text("back to: Walk the line together")
    page.reload()
    expect(moments).to_have_text(
        ["Walk the line together", "Visit a peer plant", "Compare the offers", "back to: Walk the line together"]
    )


def test_a_process_is_derived_shaped_and_published(page):
    page.goto("/process/")
    page.get_by_role("link", name="New process").first.click()
    page.get_by_label("Name").fill("How plants buy, derived")
    page.get_by_role("button", name="Make the process").click()
    page.get_by_role("button", name="Derive a draft").click()
    page.wait_for_url(re.compile(r"/process/\d+/versions/1/$"), timeout=120_000)
    expect(page.get_by_text("Draft 1")).to_be_visible()
    stages = page.locator(".stage-card__name")
    panel = page.locator("#map-detail")
    messages = page.get_by_role("region", name="Messages")

    former = stages.nth(1).inner_text().strip()
    page.get_by_label(f"Rename “{former}”").click()
    page.get_by_label(f"New name of “{former}”").fill("Find out what is wrong")
    page.get_by_role("button", name="Rename", exact=True).filter(visible=True).click()
    expect(stages.nth(1)).to_have_text("Find out what is wrong")

    page.get_by_role("link", name="Add what we do…", exact=True).click()
    panel.get_by_label("What we do").fill("Bring a meter and measure with them")
    panel.get_by_label("In which stage").select_option(label="Find out what is wrong")
    panel.get_by_label("Who does it").select_option(label="Sales")
    theirs = panel.get_by_label("Which it helps").locator("option", has_text="Find out what is wrong: ").first
    helped = theirs.inner_text().removeprefix("Find out what is wrong: ")
    panel.get_by_label("Which it helps").select_option(label=theirs.inner_text())
    panel.get_by_role("button", name="Add it").click()
    ours = page.get_by_role("listitem").filter(has_text="Bring a meter and measure with them")
    expect(ours.first).to_contain_text(f"helps “{helped}”")

    page.get_by_role("link", name=re.compile("^Bring a meter")).first.click()
    expect(panel.get_by_role("heading", name="Bring a meter and measure with them")).to_be_visible()
    option = panel.get_by_label("Move to").locator("option", has_text=", sales").first
    target = option.inner_text().removesuffix(", sales")
    panel.get_by_label("Move to").select_option(label=option.inner_text())
    panel.get_by_role("button", name="Move", exact=True).click()
    column = page.locator(".journey-map__column", has=page.get_by_role("heading", name=target, exact=True))
    expect(column.get_by_text("Bring a meter and measure with them")).to_be_attached()
    panel.get_by_role("button", name="Close").click()

    page.get_by_role("link", name=helped).first.click()
    panel.get_by_role("button", name="It needs nothing of us").click()
    expect(panel.get_by_text("not relevant to us")).to_be_visible()
    panel.get_by_role("button", name="Close").click()

    page.get_by_role("link", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish this draft")
    dialog.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="Publish…")).to_have_count(0)
    expect(page.get_by_role("link", name="Add what we do…")).to_have_count(0)
    expect(page.get_by_label(re.compile("^Rename “"))).to_have_count(0)
    expect(messages).not_to_contain_text("could not")
