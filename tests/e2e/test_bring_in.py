"""Three files of different kinds, one of them bad, become interviews: uploaded, looked through, confirmed."""

import io
import os
import re

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESIGNER

MARK = os.getpid()  # new each time, on a kept site too
CALL = f"""WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ida Sand>How did it begin, call {MARK}?

00:00:05.500 --> 00:00:09.000
<v Tom Berg>The old saw broke down three times, and everybody complained about it.

00:01:14.000 --> 00:01:20.000
<v Ida Sand>And how did it end?

00:01:21.000 --> 00:01:26.000
<v Tom Berg>The board approved the budget and the contract was signed.
"""


@pytest.fixture
def page(page_of):
    return page_of(DESIGNER)


def document() -> bytes:
    made, buffer = Document(), io.BytesIO()
    made.add_paragraph(f"We searched the internet for other products, and asked a neighbour, number {MARK}.")
    made.add_paragraph("The owner signed the contract after he had seen the figures.")
    made.save(buffer)
    return buffer.getvalue()


def upload(page: Page) -> None:
    page.goto("/interviews/")
    page.get_by_role("link", name="Bring interviews in").click()
    page.locator("#id_upload").set_input_files(
        [
            {"name": f"Pellard-{MARK}x.vtt", "mimeType": "text/vtt", "buffer": CALL.encode()},
            {"name": f"Oakhurst-{MARK}x.docx", "mimeType": "application/octet-stream", "buffer": document()},
            {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 minutes"},
        ]
    )
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_role("link", name=re.compile("^Look through it"))).to_have_count(2, timeout=90_000)
    expect(page.locator("main [hx-trigger^=every]")).to_have_count(0)  # or what is pressed may be sent anew meanwhile


def test_mixed_files_become_interviews(page):
    upload(page)
    files = page.get_by_role("table", name="The files and what became of them")
    expect(files.get_by_role("row", name=re.compile("minutes.pdf"))).to_contain_text("minutes.pdf is a PDF.")
    page.get_by_role("link", name=re.compile(f"^Look through it ?: Pellard-{MARK}x.vtt$")).click()

    told = page.get_by_role("group", name="Passage 2")
    expect(told).to_contain_text("0:05 Tom Berg")
    expect(told.get_by_role("combobox")).to_have_value("1")
    told.focus()
    page.keyboard.press("3")
    expect(told.get_by_text("moved")).to_be_visible()
    expect(told.get_by_role("combobox")).to_have_value("3")
    expect(page.get_by_role("link", name="3 Solve 1")).to_be_visible()
    expect(told).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("group", name="Passage 4")).to_be_focused()

    page.get_by_label("Customer").fill(f"Pellard {MARK}")
    page.get_by_label("How the purchase ended").select_option(label="Bought from us")
    page.get_by_role("button", name="Make the interview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Oakhurst-{MARK}x.docx")
    page.get_by_role("button", name="Make the interview").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Oakhurst")

    page.goto(f"/interviews/?q=Pellard+{MARK}")
    page.get_by_role("link", name=f"Pellard {MARK}", exact=True).click()
    expect(page.get_by_role("textbox", name="How did you go about solving the problem itself?")).to_have_value(
        "The old saw broke down three times, and everybody complained about it."
    )
    page.get_by_role("link", name=f"Pellard-{MARK}x.vtt").click()
    expect(page.get_by_text("1:21 Tom Berg")).to_be_visible()
