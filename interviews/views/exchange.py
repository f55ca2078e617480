"""Coding comes from other programs and goes to them: REFI-QDA, CSV, XLSX."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.http import render_page
from core.sheets import csv_response, xlsx_response
from interviews import policies, services
from interviews.choices import ExchangeState
from interviews.forms import ExchangeForm, ExchangeKindForm
from interviews.models import ExchangeFile
from interviews.selectors import CODE_COLUMNS, EXCERPT_COLUMNS, code_table, excerpt_table, exchange_files

PAGE = 25
TABLES = {"csv": csv_response, "xlsx": xlsx_response}


def _found(request: MemberRequest, pk: int) -> ExchangeFile:
    return get_object_or_404(exchange_files(request.membership), pk=pk)


@require_http_methods(["GET", "POST"])
@members_only(policies.edits_interviews)
def files(request: MemberRequest) -> HttpResponse:
    """List the files that came from other programs, take another, and offer ours."""
    form = ExchangeForm(request.POST, request.FILES) if request.method == "POST" else ExchangeForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = services.exchange_hand_in(actor=request.membership, name=file.name, content=file.read())
        except ApplicationError as error:
            form.add_error("file", error.message)
        else:
            return redirect(made)
    page = Paginator(exchange_files(request.membership), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "may_edit": True}
    return render(request, "interviews/exchange.html", context, status=422 if form.errors else 200)


@require_safe
@members_only(policies.edits_interviews)
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what a file would bring, how far it is, or what came of it."""
    found = _found(request, pk)
    running = found.state == ExchangeState.RUNNING
    ended = running and found.job is not None and found.job.is_over
    if ended or (not running and request.headers.get("HX-Request") == "true"):
        running = False
        if request.htmx:
            return HttpResponseClientRefresh()
    context: dict[str, Any] = {
        "file": found,
        "plan": found.plan,
        "job": found.job,
        "running": running,
        "may_start": found.state in {ExchangeState.PREVIEW, ExchangeState.FAILED} or ended,
        "kind_form": ExchangeKindForm(initial={"default_kind": found.default_kind}),
    }
    return render_page(request, "interviews/exchange_file.html", context, fragment="state")


@require_POST
@members_only(policies.edits_interviews)
def look_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Look through the file with another kind for codes that name none."""
    found = _found(request, pk)
    form = ExchangeKindForm(request.POST)
    if form.is_valid():
        kind = form.cleaned_data["default_kind"]
        services.exchange_look_again(file=found, default_kind=kind, actor=request.membership)
    return redirect("interviews:exchange_file", pk=pk)


@require_POST
@members_only(policies.edits_interviews)
def start(request: MemberRequest, pk: int) -> HttpResponse:
    """Bring the file in."""
    services.exchange_start(file=_found(request, pk), take=request.POST.getlist("take"), actor=request.membership)
    return redirect("interviews:exchange_file", pk=pk)


@require_POST
@members_only(policies.edits_interviews)
def forget(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget the file."""
    found = _found(request, pk)
    services.exchange_forget(file=found, actor=request.membership)
    messages.success(request, f"Forgot {found.name}. What it brought stays.")
    return redirect("interviews:exchange")


def _named(kind: str, ending: str) -> str:
    return f"{kind}-{timezone.localdate():%Y-%m-%d}.{ending}"


@require_safe
@members_only(policies.reads_interviews)
def export_excerpts(request: MemberRequest, ending: str = "csv") -> HttpResponse:
    """Give every coded excerpt as a table."""
    return TABLES[ending](_named("coded-excerpts", ending), EXCERPT_COLUMNS, excerpt_table(request.membership))


@require_safe
@members_only(policies.reads_interviews)
def export_codes(request: MemberRequest, ending: str) -> HttpResponse:
    """Give the codebook: for other programs as .qdc, as a table otherwise."""
    name = _named("codebook", ending)
    if ending == "qdc":
        content = services.codebook_export(workspace=request.membership.workspace)
        return _file(name, content, "text/xml; charset=utf-8")
    return TABLES[ending](name, CODE_COLUMNS, code_table())


@require_safe
@members_only(policies.reads_interviews)
def export_project(request: MemberRequest) -> HttpResponse:
    """Give codebook, interviews and coding as a project for other programs."""
    content = services.project_export(workspace=request.membership.workspace)
    return _file(_named("interviews", "qdpx"), content, "application/zip")


def _file(name: str, content: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
