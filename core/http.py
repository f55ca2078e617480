"""How views answer: a page, or the part of it that htmx asked for; a toast."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render `template`, or its partial `fragment` where htmx asks for part of a page."""
    wants_part = bool(fragment) and request.headers.get("HX-Request") == "true"
    response = render(request, f"{template}#{fragment}" if wants_part else template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect, also from a request that htmx made."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return redirect(url)


def with_toast(
    response: HttpResponse, message: str, *, level: str = "success", undo_url: str = "", undo_target: str = ""
) -> HttpResponse:
    """Have the page show a toast, with *Undo* where a URL to post to is given.

    What the undoing answers is swapped in for `undo_target`; without one the page is loaded again.
    """
    toast = {"message": message, "level": level, "undo_url": undo_url, "undo_target": undo_target}
    return trigger_client_event(response, "toast", toast)
