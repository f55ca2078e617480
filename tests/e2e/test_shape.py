"""Shaping a draft: split and merge after a look at what will happen, undo and redo by keyboard, two people at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESIGNER, SETTLED, sign_in
from tests.e2e.rows import SECOND_CODER

ADD_DRAFT = """
from accounts.models import Membership
from buying_process.models import Version
from buying_process.services import version_copy
from core import scope
with scope.across_workspaces("a draft for the browser tests"):
    ada = Membership.objects.get(user__email="ada@example.com", workspace__slug="clearweir")
with scope.in_workspace(ada.workspace_id):
    live = Version.objects.filter(status="live").earliest("pk")
    draft = version_copy(version=live, actor=ada)
    print(draft.get_absolute_url())
"""


@pytest.fixture
def draft(site):
    """Give the address of a draft of its own."""
    return site.manage("shell", "-c", ADD_DRAFT).strip().splitlines()[-1]


def cards(page):
    return page.locator(".stage-card__name a").all_inner_texts()


def undo(page):
    return page.locator("#version-history").get_by_role("button", name=re.compile("^Undo"))


def redo(page):
    return page.locator("#version-history").get_by_role("button", name=re.compile("^Redo"))


def test_split_and_merge_are_shown_first_and_undone_by_keyboard(page_of, draft):
    page = page_of(DESIGNER)
    page.goto(draft)
    before = cards(page)
    page.locator(".stage-card__name a").first.click()
    page.get_by_role("link", name="Split…").click()
    panel = page.get_by_role("dialog", name=before[0])
    panel.get_by_role("checkbox").first.check()
    expect(panel.get_by_role("heading", name="What will happen")).to_be_visible()
    panel.get_by_label(re.compile("^Name of the new stage")).fill("Looking closer")
    expect(panel.get_by_role("heading", name="Looking closer")).to_be_visible()
    panel.get_by_role("button", name="Split the stage").click()
    expect(page.locator(".stage-card__name").nth(1)).to_have_text("Looking closer")
    assert cards(page) == [before[0], "Looking closer", *before[1:]]
    expect(undo(page)).to_have_text(f"Undo: split “{before[0]}”")

    page.locator(".stage-card__name a").nth(1).click()
    page.get_by_role("link", name="Merge…").click()
    panel = page.get_by_role("dialog", name="Looking closer")
    expect(panel.get_by_role("heading", name="What will happen")).to_be_visible()
    panel.get_by_role("button", name="Merge the stages").click()
    expect(undo(page)).to_have_text(f"Undo: merge “Looking closer” into “{before[0]}”")
    assert cards(page) == before

    page.keyboard.press("Control+z")
    expect(redo(page)).to_be_enabled()
    assert cards(page) == [before[0], "Looking closer", *before[1:]]
    page.reload()  # what can be undone and redone is kept
    page.keyboard.press("Control+z")
    expect(undo(page)).to_be_disabled()
    assert cards(page) == before
    page.keyboard.press("Control+Shift+Z")
    expect(undo(page)).to_have_text(f"Undo: split “{before[0]}”")
    page.keyboard.press("Control+Shift+Z")
    expect(redo(page)).to_be_disabled()
    assert cards(page) == before


def test_undo_of_a_message_changes_the_page_in_place(page_of, draft):
    page = page_of(DESIGNER)
    page.goto(draft)
    before = cards(page)
    page.evaluate("window.stays = true")
    page.locator(".stage-card").first.hover()
    page.get_by_label(f"Rename “{before[0]}”", exact=True).click()
    page.get_by_label(f"New name of “{before[0]}”").fill("Another name")
    page.get_by_role("button", name="Rename", exact=True).first.click()
    expect(page.locator(".stage-card__name").first).to_have_text("Another name")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".stage-card__name").first).to_have_text(before[0])
    assert page.evaluate("window.stays")


def rename(page, old, new):
    page.locator(".stage-card").filter(has_text=old).hover()
    page.get_by_label(f"Rename “{old}”", exact=True).click()
    page.get_by_label(f"New name of “{old}”").fill(new)
    page.locator(".stage-rename[open]").get_by_role("button", name="Rename", exact=True).click()


@pytest.fixture
def ada_and_ida(page_of, sign_ins, draft, site):
    """Give two designers, each in a browser of their own, with the same draft open."""
    page_of.expect_refusals(409, 422)
    site.manage("shell", "-c", "from tests.e2e.rows import second_coder; second_coder()")
    ada, ida = page_of(DESIGNER), page_of(None)
    sign_in(ida, SECOND_CODER, sign_ins[DESIGNER][1])
    ida.wait_for_url(f"{site.url}/")
    ada.goto(draft)
    ida.goto(draft)
    return ada, ida


def test_two_people_on_one_map_lose_nothing(ada_and_ida):
    ada, ida = ada_and_ida
    before = cards(ada)

    # different stages: both names stand
    rename(ada, before[0], "Ada’s name")
    expect(undo(ada)).to_have_text(f"Undo: rename “{before[0]}”")
    rename(ida, before[1], "Ida’s name")
    expect(undo(ida)).to_have_text(f"Undo: rename “{before[1]}”")
    assert cards(ida) == ["Ada’s name", "Ida’s name", *before[2:]]

    # the same stage on the map: the second one is told what the first one wrote
    rename(ida, "Ada’s name", "Ida was here")
    expect(undo(ida)).to_have_text("Undo: rename “Ada’s name”")
    rename(ada, "Ada’s name", "Ada was here")
    told = ada.get_by_text("it was “Ada’s name” and is “Ida was here” now; you wrote “Ada was here”")
    expect(told).to_be_visible()
    expect(ada.locator(".stage-card__name").first).to_have_text("Ida was here")

    # an undo of what the other one changed since is refused, and leaves theirs
    ada.wait_for_function(SETTLED)
    ada.keyboard.press("Control+z")
    expect(ada.get_by_text("Ida Okafor changed “Ada’s name” since")).to_be_visible()
    expect(ada.locator(".stage-card__name").first).to_have_text("Ida was here")
    expect(undo(ada)).to_be_disabled()


def test_two_people_in_one_panel_lose_nothing(ada_and_ida):
    ada, ida = ada_and_ida

    # the same activity of ours in both panels: what each changed of it stands
    name = ada.locator(".activity--sales .activity__name").first.evaluate("each => each.firstChild.textContent.trim()")
    for page in (ada, ida):
        page.locator(".activity--sales a.activity__name").first.click()
    ida.locator("#map-detail").get_by_label("Who does it").select_option("partner")
    ida.locator("#map-detail").get_by_role("button", name="Save").click()
    expect(ida.get_by_text(f"“{name}” is saved.")).to_be_visible()
    panel = ada.locator("#map-detail")
    panel.get_by_label("What we do").fill("Ada’s words for it")
    panel.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("“Ada’s words for it” is saved.")).to_be_visible()
    expect(panel.get_by_label("Who does it")).to_have_value("partner")

    # the same value of it in both: hers is shown beside mine, and mine is saved knowingly
    ida.locator("#map-detail").get_by_label("Who does it").select_option("marketing")
    ida.locator("#map-detail").get_by_role("button", name="Save").click()
    expect(ida.locator("#map-detail").get_by_label("What we do")).to_have_value("Ada’s words for it")
    panel.get_by_label("Who does it").select_option("internal")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("meanwhile: now it is marketing").first).to_be_visible()
    expect(panel.get_by_label("Who does it")).to_have_value("internal")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("meanwhile")).to_have_count(0)
    expect(panel.get_by_label("Who does it")).to_have_value("internal")

    # the same stage in both panels: both names side by side, and mine is taken knowingly
    for page in (ada, ida):
        page.keyboard.press("Escape")
        page.locator(".stage-card__name a").last.click()
    ida.locator("#map-detail").get_by_label("Name of the stage").fill("Getting to a signature")
    ida.locator("#map-detail").get_by_role("button", name="Rename", exact=True).click()
    expect(ida.get_by_text("is called “Getting to a signature” now")).to_be_visible()
    panel.get_by_label("Name of the stage").fill("Getting it signed")
    panel.get_by_role("button", name="Rename", exact=True).click()
    clash = panel.get_by_role("alert")
    expect(clash.get_by_role("definition")).to_have_text(["Getting to a signature", "Getting it signed"])
    clash.get_by_role("button", name="Use yours").click()
    expect(ada.get_by_text("is called “Getting it signed” now")).to_be_visible()
