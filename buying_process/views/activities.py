"""Activities of a version."""

from django.http import Http404, HttpRequest, HttpResponse


def activity_add(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def activity_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def activity_move(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def activity_mark(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def activity_remove(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
