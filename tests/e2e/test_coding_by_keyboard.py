"""Coding by keys alone: from opening an interview to one that two people have coded, compared and settled."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESIGNER, SETTLED, sign_in
from tests.e2e.rows import SECOND_CODER

ANSWERS = {
    1: "The filters were clogged again and the line stood still for three hours. Our owner wanted a number.",
    3: "We walked the line together, maintenance and finance and I. Then we asked two suppliers for their prices.",
}
RECORD = """
from datetime import date
from accounts.models import Membership
from core import scope
from interviews.services import answers_save, interview_create
with scope.across_workspaces("a test"):
    ada = Membership.objects.select_related("workspace").get(user__email="ada@example.com")
with scope.in_workspace(ada.workspace_id):
    made = interview_create(actor=ada, customer={name!r}, held_on=date(2026, 3, 2), outcome="won")
    answers_save(interview=made, texts={answers!r}, actor=ada)
    print("interview", made.pk)
"""


@pytest.fixture
def recorded(site):
    """Record an interview of a name; gives its address."""

    def record(name: str) -> str:
        printed = site.manage("shell", "-c", RECORD.format(name=name, answers=ANSWERS))
        found = re.search(r"^interview (\d+)$", printed, re.MULTILINE)
        return f"/interviews/{found[1]}/"

    return record


@pytest.fixture
def second(page_of, sign_ins, site):
    """Give a page of another designer."""
    site.manage("shell", "-c", "from tests.e2e.rows import second_coder; second_coder()")
    page = page_of(None)
    sign_in(page, SECOND_CODER, sign_ins[DESIGNER][1])
    page.wait_for_url(f"{site.url}/")
    return page


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("region", name="Messages")).to_contain_text(words)


def open_alone(page: Page, address: str) -> None:
    """Open an interview, go on to its coding, and see one's own codes only."""
    page.goto(address)
    page.keyboard.press("c")
    see(page, "Show everybody’s codes")


def see(page: Page, words: str) -> None:
    """Switch by its key between one's own codes and everybody's, until the button says these words."""
    switch = page.locator("[data-hotkey=m]")
    expect(switch).to_be_visible()
    if switch.inner_text() != words:
        page.keyboard.press("m")
    expect(switch).to_have_text(words)


def code_sentence(page: Page, answer: int, sentence: int, kind: str, name: str) -> None:
    """From the top: go to an answer, choose its nth sentence, and give it a new code of a kind, by keys."""
    text = page.get_by_label(re.compile(f"^Answer {answer}. Arrow keys"))
    for _ in ANSWERS:
        page.keyboard.press("k")
    for _ in range([*ANSWERS].index(answer)):
        page.keyboard.press("j")
    expect(text).to_be_focused()
    for _ in range(sentence):
        page.keyboard.press("ArrowDown")
    page.keyboard.press(kind)
    picker = page.get_by_role("dialog", name="Give these words a code")
    expect(picker).to_be_visible()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(picker).not_to_be_visible()
    expect(page.get_by_role("list", name=f"Coded in answer {answer}")).to_contain_text(name)


def read_all(page: Page) -> None:
    """Mark both answers as read, the first one first."""
    for _ in ANSWERS:
        page.keyboard.press("k")
    for number in ANSWERS:
        page.keyboard.press("d")
        said(page, f"You have read answer {number}.")
        page.wait_for_function(SETTLED)  # the next answer has the focus


def see_the_keys(page: Page) -> None:
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for words in ("Accept the suggestion", "Undo the last decision", "Obstacle: a code of this kind"):
        expect(keys).to_contain_text(words)
    page.keyboard.press("Escape")


def decide_all(page: Page) -> None:
    """Have suggestions looked for and decide them; the first decision is undone once."""
    page.keyboard.press("s")
    waiting = page.locator("[data-suggestion]")
    expect(waiting.first).to_be_visible(timeout=90_000)
    first = waiting.first.get_by_role("strong").inner_text()
    page.keyboard.press("a")
    said(page, f"Accepted: {first}.")
    page.keyboard.press("u")
    said(page, f"Undone: {first}.")
    expect(waiting.first.get_by_role("strong")).to_have_text(first)
    decided = 0
    while left := waiting.count():
        page.keyboard.press("r" if decided % 2 else "a")
        expect(waiting).to_have_count(left - 1)
        decided += 1
    assert decided > 0
    expect(page.locator("#decisions")).to_contain_text("decided suggestions of this workspace were right")


def settle_all(page: Page) -> None:
    """Settle every difference; the first is opened again once."""
    differences = page.get_by_role("article", name="Passage of Keyboard Works")
    expect(differences.first).to_be_visible()
    total = differences.count()
    page.keyboard.press("1")
    said(page, "Taken: the coding of Ada Lindqvist.")
    expect(differences).to_have_count(total - 1)
    page.keyboard.press("u")
    said(page, "Open again.")
    expect(differences).to_have_count(total)
    for left in range(total, 0, -1):
        page.keyboard.press("b" if left % 2 else "2")
        expect(differences).to_have_count(left - 1)
    expect(page.get_by_role("heading", name="Nothing to settle")).to_be_visible()


def test_the_text_has_the_focus_once_a_code_was_removed_from_it(page_of, recorded):
    page = page_of(DESIGNER)
    open_alone(page, recorded("Removal Works"))
    code_sentence(page, 1, 2, "5", "Owner wants a number")
    coded = page.get_by_role("list", name="Coded in answer 1")
    coded.get_by_role("button", name=re.compile("^Remove ")).focus()
    page.keyboard.press("Enter")
    expect(coded).to_have_count(0)
    expect(page.get_by_role("group", name=re.compile(r"^Answer 1\."))).to_be_focused()


def test_an_interview_is_coded_and_agreed_upon_by_keys(page_of, second, recorded):
    address = recorded("Keyboard Works")
    page = page_of(DESIGNER)
    open_alone(page, address)
    see_the_keys(page)
    decide_all(page)
    code_sentence(page, 1, 2, "5", "Owner wants a number")
    expect(page.get_by_role("list", name="Coded in answer 1")).to_contain_text("obstacle")
    code_sentence(page, 3, 1, "1", "Walk it with the others")
    read_all(page)

    open_alone(second, address)
    expect(second.get_by_role("list", name="Coded in answer 1")).to_have_count(0)
    code_sentence(second, 3, 1, "1", "Walk it with the others")
    code_sentence(second, 3, 2, "1", "Ask around for prices")
    read_all(second)

    page.keyboard.press("v")
    expect(page.get_by_role("heading", level=1)).to_have_text("Agreement")
    expect(page.get_by_text("Ada Lindqvist and Ida Okafor have read 4 passages")).to_be_visible()
    expect(page.get_by_text("All of them were coded without seeing the others’ codes.")).to_be_visible()
    walk = page.get_by_role("row").filter(has_text="Walk it with the others")
    expect(walk.get_by_role("cell").nth(1)).to_have_text("1.00")
    page.keyboard.press("v")
    settle_all(page)
    page.goto(f"{address}coding/")
    see(page, "Show my codes only")


def test_two_people_code_one_interview_at_once_and_lose_nothing(page_of, second, recorded):
    address = recorded("Crowded Works")
    page = page_of(DESIGNER)
    for each in (page, second):
        each.goto(f"{address}coding/")
        see(each, "Show my codes only")
    code_sentence(page, 3, 1, "1", "Walk it with the others")
    code_sentence(second, 3, 1, "1", "Walk it with the others")
    code_sentence(second, 3, 2, "1", "Ask around for prices")
    code_sentence(page, 3, 2, "3", "What others pay")
    page.reload()
    coded = page.get_by_role("list", name="Coded in answer 3")
    expect(coded.get_by_role("listitem")).to_have_count(3)
    expect(coded).to_contain_text("Ada Lindqvist, Ida Okafor")
    second.reload()
    remove = second.get_by_role("button", name=re.compile("^Remove Walk it with the others"))
    remove.focus()
    second.keyboard.press("Enter")
    said(second, "Removed: Walk it with the others.")
    page.reload()
    expect(coded).to_contain_text("Walk it with the others")
