"""What a rep trusts a score by: it explains itself, says when it is late, and comes back after it was given up."""

import os
import re
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import REP
from tests.e2e.test_log_signal import RESCORED, log_effort, open_deal, score

HALF_A_MINUTE = 31_000  # pages look for the banner so often
GIVEN_UP = """
UPDATE deals_alignment SET attempts = 5, error = 'FloatingPointError: overflow encountered in exp', stale_since = now(),
    inputs_version = inputs_version + 1 WHERE deal_id = %s
"""
MINUTE_AGO = "UPDATE deals_alignment SET stale_since = stale_since - interval '70 seconds' WHERE deal_id = %s"
STANDS = "SELECT scored_version = inputs_version, attempts, error FROM deals_alignment WHERE deal_id = %s"


def deal_on(page: Page) -> int:
    return int(re.search(r"/deals/(\d+)/", page.url)[1])


def figures(page: Page, selector: str) -> list[float]:
    return [
        float(re.match(r"[−+±]?[\d.]+", text)[0].translate({0x2212: "-", 0xB1: "+"})) for text in texts(page, selector)
    ]


def texts(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_the_number_is_explained_in_sums_that_a_person_can_follow(page_of, look):
    page = page_of(REP)
    open_deal(page, 1, "ahead")
    shown = int(score(page).inner_text())
    page.get_by_role("link", name="Alignment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How this number is made")
    [number] = figures(page, "#explained-figure")
    assert abs(number - shown) <= 0.55
    parts = page.locator(".sums:has(.sums__points)")
    for place in range(parts.count()):
        parts.nth(place).locator("summary").press("Enter")
        expect(parts.nth(place).locator("table")).to_be_visible()
        [part] = figures(page, f".sums:has(.sums__points) >> nth={place} >> .sums__points")
        assert sum(figures(page, f".sums:has(.sums__points) >> nth={place} >> td.number")) == pytest.approx(part)
    assert sum(figures(page, ".sums__points")) == pytest.approx(number)
    assert sum(figures(page, ".sum__part strong")) == pytest.approx(number)
    *changes, now = figures(page, "#week td.number")
    assert sum(changes) == pytest.approx(now) == number
    assert look(page) == []


@contextmanager
def halted(pid: int):
    """Let a process and its children stand still."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    family = [pid, *(int(child) for task in tasks for child in task.read_text().split())]
    for each in family:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            os.kill(each, signal.SIGCONT)


def test_a_banner_says_that_scores_are_delayed_and_goes_by_itself(site, page_of, look):
    page = page_of(REP)
    page.clock.install()
    open_deal(page, 2)
    banner = page.get_by_text("Scores are delayed.")
    expect(banner).to_have_count(0)
    with halted(site.processes["worker"]):
        log_effort(page)
        expect(page.locator("#deal-state[data-stale]")).to_be_visible()
        site.sql(MINUTE_AGO, deal_on(page))
        page.clock.fast_forward(HALF_A_MINUTE)
        expect(banner).to_be_visible()
        assert look(page) == []
    expect(page.locator("#deal-state:not([data-stale])")).to_be_visible(timeout=RESCORED)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(banner).to_have_count(0)


def test_a_score_that_was_given_up_says_why_and_is_tried_again(site, page_of, look):
    page = page_of(REP)
    open_deal(page, 3)
    former, deal = score(page).inner_text(), deal_on(page)
    site.sql(GIVEN_UP, deal)
    page.reload()
    trouble = page.get_by_role("alert").filter(has_text="The score could not be computed.")
    expect(trouble).to_contain_text("FloatingPointError: overflow encountered in exp")
    expect(score(page)).to_have_text(former)
    assert look(page) == []
    trouble.get_by_role("button", name="Retry").click()
    expect(trouble).to_have_count(0)
    state = page.locator("#deal-state:not([data-stale])")
    expect(state).to_be_visible(timeout=RESCORED)
    expect(state).to_be_focused()
    assert site.sql(STANDS, deal) == [(True, 0, "")]
