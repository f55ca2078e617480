"""The API's reference in a browser: it draws itself, and the content security policy has nothing to stop."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import DESIGNER
from tests.e2e.test_security import watch


def test_reference_shows_every_operation_under_the_policy(page_of):
    page = watch(page_of(DESIGNER))
    page.goto("/api/docs/")
    expect(page.get_by_role("heading", name=re.compile("^SalesFlow API"))).to_be_visible()
    schema = page.request.get("/api/schema/", headers={"Accept": "application/json"}).json()
    operations = sum(len(methods) for methods in schema["paths"].values())
    expect(page.locator(".opblock")).to_have_count(operations)
    page.locator(".opblock", has_text="Log many signals").locator(".opblock-summary-control").click()
    expect(page.get_by_text("up to 100,000 lines")).to_be_visible()
    assert page.evaluate("window.violations") == []
