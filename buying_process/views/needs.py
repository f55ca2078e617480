"""Needs of a stage."""

from django.http import Http404, HttpRequest, HttpResponse


def need_add(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def need_edit(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def need_remove(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
