"""What a manager looks at: the team, its deals by alignment, the trend; and what is not theirs."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MANAGER


@pytest.fixture
def page(page_of):
    return page_of(MANAGER)


def test_the_team_is_shown_by_where_we_are_and_where_they_are(page):
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Team").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Team")
    people = page.get_by_role("table", name="Open deals of each person")
    expect(people.get_by_role("row", name=re.compile("Ben Achterberg"))).to_be_visible()
    expect(page.get_by_text("we are ahead")).to_be_visible()
    expect(page.get_by_text("we are behind")).to_be_visible()

    trend = page.get_by_role("region", name="Over twelve weeks")
    expect(trend.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"\d"))
    trend.get_by_text("Show as table").click()
    expect(trend.get_by_role("table").get_by_role("row")).to_have_count(13)


def test_a_cell_opens_its_deals_and_one_of_them(page):
    page.goto("/deals/team/")
    cell = page.get_by_role("link", name=re.compile(r"^\d+ deals?: we are at ")).first
    count, ours, theirs = re.match(
        r"(\d+) deals?: we are at (.+), they at (.+)", cell.get_attribute("aria-label")
    ).groups()
    cell.click()
    rows = page.get_by_role("table", name="Deals with their alignment").locator("tbody tr")
    expect(rows).to_have_count(int(count))
    for words in (f"we: {ours}", f"they: {theirs}"):
        expect(rows.first).to_contain_text(words)
    name = rows.first.get_by_role("link").inner_text()
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("link", name="Alignment", exact=True)).to_be_visible()


def test_a_figure_opens_the_deals_behind_it(page):
    page.goto("/deals/team/")
    page.get_by_role("link", name="we are ahead", exact=True).click()
    rows = page.get_by_role("table", name="Deals with their alignment").locator("tbody tr")
    expect(rows.first).to_contain_text("ahead")
    expect(page.get_by_label("Ahead or behind", exact=True)).to_have_value("ahead")


@pytest.mark.parametrize("address", ["/import/", "/settings/people/", "/settings/teams/", "/settings/audit/"])
def test_what_is_not_a_managers_is_refused(page_of, page, address):
    page_of.expect_refusals(403)
    assert page.goto(address).status == 403
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Import")).to_have_count(0)
