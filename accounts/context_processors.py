"""What the shell around every page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts import policies
from accounts.selectors import memberships_of


@dataclass(frozen=True)
class NavigationItem:
    """A link of the side navigation; `key` follows `g` on the keyboard."""

    label: str
    url: str
    icon: str
    key: str
    active: bool


# label, URL name, icon, key, who sees it
PAGES: tuple[tuple[str, str, str, str, policies.Policy], ...] = (
    ("Today", "today", "sun", "t", policies.is_member),
    ("Interviews", "interviews:list", "messages", "i", policies.reads_interviews),
    ("Process", "buying_process:list", "route", "p", policies.reads_process),
    ("Deals", "deals:list", "briefcase", "d", policies.works_on_deals),
    ("Team", "deals:team", "users", "m", policies.watches_team),
    ("Import", "crm:imports", "file-import", "f", policies.is_designer),
    ("Settings", "accounts:settings", "settings", "s", policies.is_member),
)
# pages of the settings whose addresses begin otherwise
OF_SETTINGS = (
    "account_email",
    "account_change_password",
    "mfa_index",
    "socialaccount_connections",
    "usersessions_list",
    "deals:alerts",
    "jobs:list",
)


def url_of(name: str, *args: object) -> str:
    """Give a page's address; nothing where the URL conf has none, so that an error page still renders."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the membership, the navigation that its role may use, and the person's other workspaces."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"membership": None, "navigation": [], "workspaces": []}
    named = [(label, url_of(name), icon, key) for label, name, icon, key, may in PAGES if may(membership)]
    pages = [page for page in named if page[1]]
    here = _section(request.path, [url for _, url, _, _ in pages])
    return {
        "membership": membership,
        "navigation": [NavigationItem(label, url, icon, key, url == here) for label, url, icon, key in pages],
        "search_url": url_of("search"),
        "status_banner_url": url_of("deals:delay"),
        "workspaces": [other for other in memberships_of(membership.user_id) if other.pk != membership.pk],
    }


def _section(path: str, sections: Sequence[str]) -> str:
    """Give the section of the navigation that a page belongs to; Today is a page of its own."""
    of_settings = [url for name in OF_SETTINGS if (url := url_of(name))]
    if path.startswith(tuple(of_settings)):
        return url_of("accounts:settings")
    return max((url for url in sections if path.startswith(url) and (url != "/" or path == url)), key=len, default="")
