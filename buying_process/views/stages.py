"""Stages and transitions of a version."""

from django.http import Http404, HttpRequest, HttpResponse


def stage_add(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def stage_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def stage_rename(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def stage_move(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def stage_merge(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def stage_remove(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def transition_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
