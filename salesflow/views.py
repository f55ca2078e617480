"""Today, search, and the pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import policies
from accounts.access import MemberRequest, members_only


@members_only(policies.is_member)
def today(request: MemberRequest) -> HttpResponse:
    """Each person's own page: fragments of the rooms, loaded by URL."""
    return render(request, "today.html")


@members_only(policies.is_member)
def search(request: MemberRequest) -> HttpResponse:
    """Everything that the person may see, by name."""
    return render(request, "search.html", {"query": request.GET.get("q", "").strip()[:100]})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, or nothing for this person."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the person's role may not do this."""
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, with the request's id and no trace."""
    return render(request, "500.html", {"request_id": request.headers.get("X-Request-ID", "")}, status=500)
