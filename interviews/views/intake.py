"""Bring interviews in: choose files or paste a text, see how far their reading is."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.http import render_page
from interviews import policies
from interviews.choices import SourceState
from interviews.forms import FilesForm, PasteForm
from interviews.models import Intake
from interviews.selectors import intakes_of, rows, sources_of
from interviews.services.intake import intake_confirm_start, intake_start

A_PAGE = 25


@require_http_methods(["GET", "POST"])
@members_only(policies.edits_interviews)
def bring_in(request: MemberRequest) -> HttpResponse:
    """List what was brought in, and take files or a pasted text."""
    pasted = "text" in request.POST
    files_form = FilesForm(*_given(request, is_bound=request.method == "POST" and not pasted))
    paste_form = PasteForm(request.POST if pasted else None)
    form = paste_form if pasted else files_form
    if form.is_valid():
        try:
            made = intake_start(actor=request.membership, files=form.given(), guide_version=form.guide_version())
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            return redirect(made)
    context = {
        "files_form": files_form,
        "paste_form": paste_form,
        "page": Paginator(intakes_of(request.membership), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "interviews/bring_in.html", context, status=422 if form.is_bound else 200)


def _given(request: MemberRequest, *, is_bound: bool) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if is_bound else (None, None)


def _found(request: MemberRequest, pk: int) -> Intake:
    return get_object_or_404(rows.intakes(request.membership), pk=pk)


@require_GET
@members_only(policies.edits_interviews)
def intake(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what became of each file; while they are read, the list asks again."""
    found = _found(request, pk)
    sources = list(sources_of(found))
    context = {
        "intake": found,
        "job": found.job,
        "running": found.job is not None and not found.job.is_over,
        "sources": sources,
        "sorted_count": sum(source.state == SourceState.SORTED for source in sources),
        "named_count": sum(source.state == SourceState.SORTED and "customer" in source.facts for source in sources),
    }
    return render_page(request, "interviews/intake.html", context, fragment="files")


@require_POST
@members_only(policies.edits_interviews)
def intake_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Make interviews of all sorted files as they are."""
    found = _found(request, pk)
    try:
        intake_confirm_start(intake=found, actor=request.membership)
    except ApplicationError as error:
        messages.error(request, error.message)
    return redirect(found)
