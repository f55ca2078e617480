"""A proposal beside a draft, and versions side by side."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESIGNER

ADD_PROPOSAL = """
from accounts.models import Membership
from buying_process.models import Version
from buying_process.services import version_copy
from buying_process.services.derivation import Asked, version_derive
from core import scope
from interviews.models import Interview
with scope.across_workspaces("a proposal for the browser tests"):
    ada = Membership.objects.get(user__email="ada@example.com", workspace__slug="clearweir")
with scope.in_workspace(ada.workspace_id):
    live = Version.objects.filter(status="live").earliest("pk")
    draft = version_copy(version=live, actor=ada)
    asked = Asked(beside=draft, stages=4)
    version_derive(process=live.process, interviews=Interview.objects.all(), asked=asked, actor=ada)
    print(draft.get_absolute_url())
"""


@pytest.fixture
def draft(site):
    """Give the address of a draft of its own, with a proposal beside it."""
    return site.manage("shell", "-c", ADD_PROPOSAL).strip().splitlines()[-1]


def test_parts_are_refused_and_taken_and_the_draft_keeps_its_pins(page_of, draft):
    page = page_of(DESIGNER)
    page.goto(draft)
    page.get_by_role("link", name=re.compile(r"\d+ proposals?")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Proposal for draft")
    part = page.get_by_role("listitem").filter(has_text="moved").first
    name = part.locator("strong").inner_text()
    part.get_by_text("What customers said").click()
    expect(part.locator("blockquote").first).to_be_visible()
    part.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text(f"“{name}” is refused")).to_be_visible()
    page.locator("summary", has_text="refused").click()
    refused = page.get_by_role("listitem").filter(has_text=name)
    refused.get_by_role("button", name="Take it after all").click()
    expect(page.get_by_text(f"“{name}” is in the draft")).to_be_visible()
    page.get_by_role("button", name="Take all…").click()
    page.get_by_role("dialog").get_by_role("button", name="Take them all").click()
    expect(page.get_by_role("heading", name="Every part is decided")).to_be_visible()
    page.get_by_role("link", name="Back to the draft").click()
    expect(page.locator(".stage-card__name", has_text="Something has to give")).to_be_visible()


def test_comparison_puts_what_changed_beside_what_was(page_of, draft):
    page = page_of(DESIGNER)
    page.goto("/process/compare/")
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".side-by-side").get_by_role("columnheader")).to_have_count(2)
    expect(page.get_by_role("heading", name=re.compile("^From "))).to_be_visible()
    expect(page.get_by_role("heading", name="Where customers go")).to_be_visible()
