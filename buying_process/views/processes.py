"""Processes: the list, one process, its derivation."""

from django.http import Http404, HttpRequest, HttpResponse


def process_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def process_new(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def process_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def process_edit(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def process_remove(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def process_derive(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
