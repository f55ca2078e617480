"""What people type is never run, and the sign-in form tells a stranger nothing."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESIGNER, REP, sign_in

HARM = "<img src=x onerror=window.harmed=1><script>window.harmed=1</script>{{7*7}}"
QUOTED = f"\"'><svg onload=window.harmed=1>{os.getpid()}"  # new each time, on a kept site too


def expect_unharmed(page: Page) -> None:
    """Nothing that was typed ran, nor did the content security policy have to stop it."""
    assert page.evaluate("window.harmed") is None
    assert page.evaluate("window.violations") == []


def watch(page: Page) -> Page:
    """Write down what the content security policy stops."""
    page.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation', event => window.violations.push(event.blockedURI));"
    )
    return page


def test_an_interview_with_code_in_it_runs_nothing(page_of):
    page = watch(page_of(DESIGNER))
    page.goto("/interviews/new/")
    page.get_by_label("Customer").fill(HARM)
    page.get_by_label("Role of the person").fill(QUOTED)
    page.get_by_role("combobox", name="Segment").fill(QUOTED)
    page.get_by_label("Notes of our own").fill(HARM)
    page.get_by_role("button", name="Go on to the questions").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
    section = page.get_by_role("main").locator("section", has=page.locator("textarea")).first
    section.get_by_role("textbox").fill(HARM)
    expect(section.get_by_role("status")).to_contain_text("Saved at")
    expect_unharmed(page)

    page.get_by_role("link", name="Code it").click()
    page.get_by_label(re.compile("^Answer 1. Arrow keys")).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    picker = page.get_by_role("dialog", name="Give these words a code")
    picker.get_by_role("combobox", name="Code").press_sequentially(QUOTED)
    picker.get_by_role("option", name=re.compile("^New code")).click()
    picker.get_by_role("button", name="Code it").click()
    expect(page.get_by_role("list", name="Coded in answer 1")).to_contain_text(QUOTED)
    expect(page.get_by_role("region", name="Messages")).to_contain_text(QUOTED)
    expect_unharmed(page)
    for address in ("/interviews/", "/interviews/codes/", "/interviews/segments/", "/", "/search/?q=img"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect_unharmed(page)


def test_a_process_with_code_in_it_runs_nothing(page_of):
    page = watch(page_of(DESIGNER))
    page.goto("/process/")
    page.get_by_role("table").get_by_role("link", name=re.compile("live|version 1", re.IGNORECASE)).first.click()
    page.get_by_label(re.compile("^More about version")).click()
    page.get_by_role("button", name="New draft from this version").click()
    expect(page.get_by_text("Draft", exact=False).first).to_be_visible()
    former = page.locator(".stage-card__name").first.inner_text().strip()
    page.get_by_label(f"Rename “{former}”").click()
    page.get_by_label(f"New name of “{former}”").fill(HARM)
    page.get_by_role("button", name="Rename", exact=True).filter(visible=True).click()
    expect(page.locator(".stage-card__name").first).to_have_text(HARM)
    page.get_by_role("link", name="Add what we do…", exact=True).click()
    panel = page.locator("#map-detail")
    panel.get_by_label("What we do").fill(QUOTED)
    panel.get_by_role("button", name="Add it").click()
    ours = page.get_by_role("link", name=QUOTED).first
    expect(ours).to_be_attached()
    page.reload()
    expect(page.locator(".stage-card__name").first).to_have_text(HARM)
    page.get_by_role("link", name=HARM).first.click()
    expect(panel.get_by_role("heading", name=HARM)).to_be_visible()
    expect_unharmed(page)


def test_a_deal_with_code_in_it_runs_nothing(page_of):
    page = watch(page_of(REP))
    page.goto("/deals/new/")
    page.get_by_label(re.compile(r"^Name\W*$")).fill(HARM)
    page.get_by_label("Account").fill(QUOTED)
    page.get_by_role("button", name="Make the deal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HARM)
    page.get_by_role("link", name="We did…").click()
    dialog = page.get_by_role("dialog", name="What did we do?")
    dialog.get_by_text("More…").click()
    dialog.get_by_label("Note").fill(HARM)
    dialog.locator(".choice__press").first.click()
    expect(page.get_by_role("region", name="History").get_by_role("listitem").first).to_contain_text(HARM)
    expect_unharmed(page)
    for address in ("/", "/deals/board/", "/search/?q=img", "/deals/?q=img"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect_unharmed(page)
    expect(page.get_by_role("table").get_by_text("<img src=x").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("<img")
    expect(page.get_by_role("dialog", name="Search").get_by_role("option").first).to_contain_text("<img src=x")
    expect_unharmed(page)


def test_a_script_in_the_page_is_stopped(page_of):
    """The policy that the tests above lean on is there: a page that held a script would not run it."""
    page = watch(page_of(REP))
    page.goto("/deals/")
    page_of.expect_words("Content Security Policy")
    page.evaluate(
        """() => {
            const image = document.createElement('div');
            image.innerHTML = '<img src="data:," onerror="window.harmed = 1">';
            document.body.append(image);
            const script = document.createElement('script');
            script.textContent = 'window.harmed = 1';
            document.body.append(script);
        }"""
    )
    page.wait_for_function("window.violations.length >= 2")
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize("email", ["ada@example.com", "nobody-here@example.com"])
def test_signing_in_refuses_everybody_with_the_same_words(page_of, email):
    page = page_of(None)
    sign_in(page, email, "not-the-password")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The email address and/or password you specified are not correct.")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.goto("/deals/")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/deals/"))


def test_signing_in_goes_where_one_wanted_and_out_again(page_of, sign_ins):
    email, password = sign_ins[REP]
    page = page_of(None)
    page.goto("/deals/board/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/deals/board/$"))
    page.locator("summary", has_text="Your menu").filter(visible=True).click()
    page.get_by_role("button", name="Sign out").filter(visible=True).click()
    page.goto("/deals/board/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
