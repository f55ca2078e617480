"""A version: the designer page, publication, retirement."""

from django.http import Http404, HttpRequest, HttpResponse


def version_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def version_settings(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def version_publish(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def version_retire(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def version_copy(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def version_delete(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def removed_restore(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
