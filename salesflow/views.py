"""Today, search, and the pages for what went wrong. Both load parts of the rooms by URL."""

import copy
import sys
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET
from django_htmx.middleware import HtmxDetails

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page


@dataclass(frozen=True)
class Part:
    """A part of a page that a room renders: its heading, its address, and the page that says more."""

    heading: str
    url_name: str
    page_name: str
    may: policies.Policy
    query: str = ""

    @property
    def url(self) -> str:
        """Where the part is loaded from."""
        return reverse(self.url_name)

    @property
    def page_url(self) -> str:
        """The page that says more; what a browser without scripts follows."""
        return f"{reverse(self.page_name)}{self.query}"


TODAY = (
    Part("Deals", "deals:today", "deals:list", policies.works_on_deals),
    Part("Alerts", "deals:alerts_today", "deals:list", policies.works_on_deals, "?alert=heard"),
    Part("Interviews", "interviews:today", "interviews:list", policies.is_designer),
    Part("Process", "buying_process:today", "buying_process:list", policies.watches_team),
)
SEARCHED = (
    Part("Deals", "deals:search", "deals:list", policies.works_on_deals),
    Part("Interviews", "interviews:search", "interviews:list", policies.reads_interviews),
    Part("Process", "buying_process:search", "buying_process:list", policies.reads_process),
)
SHORTEST_QUERY = 2
LONGEST_QUERY = 100


@require_GET
@members_only(policies.is_member)
def today(request: MemberRequest) -> HttpResponse:
    """Each person's own page: what needs them now, room by room."""
    parts = [part for part in TODAY if part.may(request.membership)]
    return render(request, "today.html", {"parts": parts, "is_admin": policies.is_admin(request.membership)})


@require_GET
@members_only(policies.is_member)
def search(request: MemberRequest) -> HttpResponse:
    """Everything that the person may see, by name: a page, or just the links for the palette."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    wanted = [part for part in SEARCHED if part.may(request.membership)] if len(query) >= SHORTEST_QUERY else []
    loaded = [(part, _load(request, part, query)) for part in wanted]
    context = {
        "query": query,
        "shortest": SHORTEST_QUERY,
        "found": [(part, html) for part, html in loaded if html.strip()],
    }
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return render(request, "search.html#results", context)
    return render_page(request, "search.html", context, fragment="results")


def _load(request: MemberRequest, part: Part, query: str) -> SafeString:
    """Ask a room's own view for its part, as the browser would; the view asks who may see what."""
    match = resolve(part.url)
    asked = copy.copy(request)
    asked.path = asked.path_info = part.url
    asked.resolver_match = match
    asked.META = {**request.META, "HTTP_HX_REQUEST": "true", "PATH_INFO": part.url}
    asked.__dict__.pop("headers", None)  # computed from META once
    asked.GET = QueryDict(urlencode({"q": query}))
    asked.htmx = HtmxDetails(asked)
    response = match.func(asked, *match.args, **match.kwargs)
    html: SafeString = mark_safe(response.content.decode())  # noqa: S308  rendered by one of our own views
    return html


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, or nothing for this person."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the person's role may not do this."""
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, with the request's id and no trace; without a query, since the database may be down."""
    request.request_id = structlog.contextvars.get_contextvars().get("request_id", "")  # type: ignore[attr-defined]
    away = isinstance(sys.exception(), OperationalError | InterfaceError)
    page = render_to_string("500.html", {"request": request, "away": away})
    return HttpResponse(page, status=503, headers={"Retry-After": "5"}) if away else HttpResponse(page, status=500)
