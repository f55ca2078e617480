"""What other pages load from this room."""

from django.http import Http404, HttpRequest, HttpResponse


def today(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def search(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
