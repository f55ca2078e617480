"""Shaping a draft: split and merge after a look at what will happen, undo and redo by keyboard, two people at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESIGNER

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
    return page.get_by_role("button", name=re.compile("^Undo"))


def redo(page):
    return page.get_by_role("button", name=re.compile("^Redo"))


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


def test_two_people_on_one_draft_lose_nothing(page_of, draft, site):
    page_of.expect_refusals(409)
    page = page_of(DESIGNER)
    page.goto(draft)
    before = cards(page)
    page.locator(".stage-card").first.hover()
    page.get_by_label(f"Rename “{before[0]}”", exact=True).click()
    page.get_by_label(f"New name of “{before[0]}”").fill("Ada’s name")
    page.get_by_role("button", name="Rename", exact=True).first.click()
    expect(undo(page)).to_have_text(f"Undo: rename “{before[0]}”")
    site.manage("shell", "-c", COLLEAGUE.format(number=draft.rstrip("/").split("/")[-1]))
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Cleo Colleague changed “Ada’s name” since")).to_be_visible()
    expect(page.locator(".stage-card__name").first).to_have_text("Cleo’s name")
    expect(page.locator(".stage-card__name").nth(1)).to_have_text(before[1])
    expect(undo(page)).to_be_disabled()


COLLEAGUE = """
from accounts.models import Membership, User, Workspace
from buying_process.models import Version
from buying_process.services import stage_rename
from core import scope
user, _ = User.objects.get_or_create(email="cleo@example.com", defaults={{"full_name": "Cleo Colleague"}})
workspace = Workspace.objects.get(slug="clearweir")
with scope.in_workspace(workspace.pk):
    cleo, _ = Membership.objects.get_or_create(workspace=workspace, user=user, role="designer")
    version = Version.objects.filter(status="draft", number={number}).latest("pk")
    stage = version.stages.get(position=0)
    stage_rename(stage=stage, name="Cleo’s name", seen=stage.name, actor=cleo)
"""
