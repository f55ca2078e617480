"""Pictures of the demo for the README, in docs/images/."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.e2e.site import Site, browser_of, running_site  # noqa: E402  the tests start the same site

# picture: the page that lists them, the link to follow there, what to add to its address
PAGES = {
    "process": ("/process/", "main a[href*='/versions/']", ""),
    "deal": ("/deals/?q=Powder", "main tbody a[href^='/deals/']", ""),
    "coding": ("/interviews/?q=Harbour", "main tbody a[href^='/interviews/']", "coding/"),
}


def take(site: Site, browser: Browser) -> None:
    """Sign in as sales ops and take each picture."""
    email, password = next(
        line.split()[1:] for line in site.manage("load_demo", "--print-sign-ins").splitlines() if "designer" in line
    )
    page = browser.new_page(base_url=site.url, viewport={"width": 1440, "height": 1300}, color_scheme="light")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site.url}/")
    folder = ROOT / "docs" / "images"
    folder.mkdir(exist_ok=True)
    for name, (listing, link, more) in PAGES.items():
        page.goto(listing)
        page.goto(f"{page.locator(link).first.get_attribute('href')}{more}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png")
        print(folder / f"{name}.png")


def main() -> None:
    """Use the site at the address given, or start one."""
    given = sys.argv[1].rstrip("/") if sys.argv[1:] else ""
    context = nullcontext(Site(given, dict(os.environ))) if given else running_site("salesflow_pictures")
    with context as site, sync_playwright() as playwright:
        browser = browser_of(playwright)
        take(site, browser)
        browser.close()


if __name__ == "__main__":
    main()
