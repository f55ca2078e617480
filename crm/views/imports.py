"""Bring a file of deals in: upload, columns, values, check, import."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.choices import ImportState
from core.exceptions import ApplicationError
from core.http import render_page
from core.sheets import csv_response
from core.tables import read_rows
from crm.choices import Field
from crm.forms import ColumnsForm, UploadForm, ValuesForm
from crm.models import DealImport
from crm.selectors import import_for, imports_of
from crm.services import imports as services

PREVIEW_ROWS = 5


def _found(request: MemberRequest, import_id: int) -> DealImport:
    found = import_for(request.membership, import_id)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@members_only(policies.is_designer)
def imports(request: MemberRequest) -> HttpResponse:
    """List the files that were brought in, and take another."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            added = services.import_upload(actor=request.membership, name=file.name, content=file.read())
        except ApplicationError as error:
            form.add_error("file", error.message)
        else:
            return redirect(added)
    page = Paginator(imports_of(request.membership), 25).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "crm/imports.html", context, status=422 if form.errors else 200)


@require_safe
@members_only(policies.is_designer)
def detail(request: MemberRequest, import_id: int) -> HttpResponse:
    """Show how far a file is, and what to do next."""
    return _page(request, _found(request, import_id))


def _counts(found: DealImport) -> dict[Field, dict[str, int]]:
    return {field: services.import_values(found, field) for field in (Field.STAGE, Field.OWNER)}


def _page(request: MemberRequest, found: DealImport, *, status: int = 200, **forms: Any) -> HttpResponse:
    running = found.state == ImportState.RUNNING
    if running and found.job and found.job.finished_at:  # its worker ended in a way that nobody foresaw
        running, found.state = False, ImportState.FAILED
    if not running and request.headers.get("HX-Request") == "true":
        return HttpResponseClientRefresh()  # progress has ended: the forms come back with the whole page
    context = {
        "found": found,
        "job": found.job,
        "running": running,
        "errors": Paginator(found.errors.all(), 25).get_page(request.GET.get("page")),
    }
    if not running:  # a page that shows progress asks every second: the file is not read for it
        context |= _mapping(request, found, **forms)
    return render_page(request, "crm/import.html", context, fragment="state", status=status)


def _mapping(request: MemberRequest, found: DealImport, **forms: Any) -> dict[str, Any]:
    member = request.membership
    rows = islice(read_rows(name=found.file_name, content=bytes(found.content)), PREVIEW_ROWS)
    return {
        "columns_form": forms.get("columns") or ColumnsForm(deal_import=found, membership=member),
        "values_form": forms.get("values") or ValuesForm(deal_import=found, membership=member, counts=_counts(found)),
        "preview": [(number, [cells[header] for header in found.headers]) for number, cells in rows],
    }


@require_POST
@members_only(policies.is_designer)
def columns(request: MemberRequest, import_id: int) -> HttpResponse:
    """Settle the columns."""
    found = _found(request, import_id)
    form = ColumnsForm(request.POST, deal_import=found, membership=request.membership)
    if form.is_valid():
        try:
            services.import_map_columns(
                deal_import=found,
                actor=request.membership,
                columns=form.columns(),
                version=form.cleaned_data["version"],
                dates=form.cleaned_data["dates"],
                account_in_name=form.cleaned_data["account_in_name"],
            )
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The columns are settled. Now look at the values.")
            return redirect(found.get_absolute_url() + "#values")
    return _page(request, _found(request, import_id), status=422, columns=form)


@require_POST
@members_only(policies.is_designer)
def values(request: MemberRequest, import_id: int) -> HttpResponse:
    """Settle what stages and owners mean, and check the file against it."""
    found = _found(request, import_id)
    form = ValuesForm(request.POST, deal_import=found, membership=request.membership, counts=_counts(found))
    if form.is_valid():
        services.import_map_values(
            deal_import=found,
            actor=request.membership,
            stages=form.settled("stage"),
            owners={name: int(pk) if pk else None for name, pk in form.settled("owner").items()},
        )
        services.import_start(deal_import=found, actor=request.membership, dry_run=True)
        return redirect(found)
    return _page(request, found, status=422, values=form)


@require_POST
@members_only(policies.is_designer)
def start(request: MemberRequest, import_id: int) -> HttpResponse:
    """Import what was checked."""
    found = _found(request, import_id)
    services.import_start(deal_import=found, actor=request.membership, dry_run=False)
    return redirect(found)


@require_safe
@members_only(policies.is_designer)
def errors(request: MemberRequest, import_id: int) -> HttpResponse:
    """Give the refused rows as a file to mend them by."""
    found = _found(request, import_id)
    rows = ((error.row, error.column, error.value, error.reason) for error in found.errors.all())
    return csv_response("refused-rows.csv", ("row", "column", "value", "reason"), rows)


@require_POST
@members_only(policies.is_designer)
def delete(request: MemberRequest, import_id: int) -> HttpResponse:
    """Forget a file; the deals that it brought stay."""
    services.import_delete(deal_import=_found(request, import_id), actor=request.membership)
    messages.success(request, "The file is gone. The deals that it brought stay.")
    return redirect(reverse("crm:imports"))
