"""A file of the CRM becomes deals: mapped, checked, brought in once."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESIGNER

RIG = f"Rig {os.getpid()}"  # new each time, on a kept site too
ROWS = f"""\
Opportunity No,What,Company,Sales person,Worth,Where it is,Began
B-{os.getpid()}-1,{RIG},Pellard Joinery,ben@example.com,18500,Talking to them,2026-03-04
B-{os.getpid()}-2,Mist collector,Oakhurst Gears,somebody@elsewhere.example,42000,Talking to them,2026-04-18
B-{os.getpid()}-3,Coolant loop,Tarn Castings,ben@example.com,27000,They never chose,2026-02-11
B-{os.getpid()}-4,Silo filter,Marle Grain,ben@example.com,much,Talking to them,2026-05-02
"""


@pytest.fixture
def page(page_of):
    return page_of(DESIGNER)


def upload(page: Page) -> None:
    """Bring the file in, and say what its columns and values are."""
    page.goto("/import/")
    page.get_by_label("A file of deals").set_input_files(
        {"name": "opportunities.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("opportunities.csv")
    columns = page.locator("#columns")
    for field, column in (
        ("Deal ID in the CRM", "Opportunity No"),
        ("Name", "What"),
        ("Account", "Company"),
        ("Owner", "Sales person"),
        ("Amount", "Worth"),
        ("Stage or outcome", "Where it is"),
        ("Opened on", "Began"),
    ):
        columns.get_by_label(re.compile(rf"^{field}\W*$")).select_option(label=column)
    version = columns.get_by_label("They run against").locator("option").nth(1)
    columns.get_by_label("They run against").select_option(label=version.inner_text())
    columns.get_by_role("button", name="Settle the columns").click()
    values = page.locator("#values")
    values.get_by_label(re.compile("^They never chose")).select_option(label="No decision")
    values.get_by_label(re.compile("^somebody@elsewhere.example")).select_option(label="Nobody here: keep the name")
    values.get_by_role("button", name="Check the file").click()


def expect_counts(page: Page, heading: str, **counts: int) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=90_000)
    panel = page.locator("section", has=page.get_by_role("heading", name=heading))
    for name, count in counts.items():
        words = name.replace("_", " ")
        expect(panel).to_contain_text(re.compile(rf"\b{count}\s+{words}\b"))


def test_a_file_is_checked_then_brought_in_once(page):
    upload(page)
    expect_counts(page, "What the import would do", new_deals=3, rows_refused=1)
    refused = page.get_by_role("table", name="Refused rows with their reasons").get_by_role("row").nth(1)
    expect(refused).to_contain_text("5")
    expect(refused).to_contain_text("Worth")
    expect(refused).to_contain_text("much")
    expect(refused.get_by_role("cell").last).not_to_be_empty()
    number = page.url
    page.goto(f"/deals/?q={RIG}")
    expect(page.get_by_role("status").filter(has_text="0 deals")).to_be_visible()

    page.goto(number)
    page.get_by_role("button", name="Import 3 deals").click()
    expect_counts(page, "What the import did", new_deals=3, rows_refused=1)
    page.get_by_role("link", name="See the deals").click()
    page.get_by_role("searchbox", name="Search").fill(RIG)
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page.get_by_role("table").get_by_role("row", name=re.compile(RIG))).to_contain_text("18,500")

    upload(page)
    expect_counts(page, "What the import would do", new_deals=0, changed=0, unchanged=3, rows_refused=1)
