"""A survey's pages: columns, how purchases ended, check, load."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import MemberRequest, members_only
from core.choices import ImportState
from core.exceptions import ApplicationError
from core.http import render_page
from core.sheets import csv_response
from core.tables import read_rows
from interviews import policies
from interviews.forms import SurveyColumnsForm, SurveyOutcomesForm
from interviews.models import Source, Survey
from interviews.selectors.rows import surveys
from interviews.services.surveys import survey_map_columns, survey_outcomes, survey_start

PREVIEW_ROWS = 5
A_PAGE = 25


def _found(request: MemberRequest, pk: int) -> Survey:
    return get_object_or_404(surveys(request.membership), source=pk)


def survey_page(
    request: MemberRequest, source: Source, *, status: int = 200, columns: SurveyColumnsForm | None = None
) -> HttpResponse:
    """Show how far a survey is, and what to do next. Those who may not edit go to the interviews."""
    if not policies.edits_interviews(request.membership):
        return redirect(reverse("interviews:list"))
    found = _found(request, source.pk)
    running = found.state == ImportState.RUNNING
    if running and found.job and found.job.finished_at:  # its worker ended in a way that nobody foresaw
        running, found.state = False, ImportState.FAILED
    if not running and request.headers.get("HX-Request") == "true":
        return HttpResponseClientRefresh()  # progress has ended: the forms come back with the whole page
    context: dict[str, Any] = {
        "survey": found,
        "source": found.source,
        "job": found.job,
        "running": running,
        "errors": Paginator(found.errors.all(), A_PAGE).get_page(request.GET.get("page")),
    }
    if not running:
        rows = islice(read_rows(name=found.source.name, content=bytes(found.source.content)), PREVIEW_ROWS)
        context |= {
            "columns_form": columns or SurveyColumnsForm(survey=found),
            "outcomes_form": SurveyOutcomesForm(survey=found, counts=survey_outcomes(found)),
            "preview": [(number, [cells[header] for header in found.headers]) for number, cells in rows],
        }
    return render_page(request, "interviews/survey.html", context, fragment="state", status=status)


@require_POST
@members_only(policies.edits_interviews)
def columns(request: MemberRequest, pk: int) -> HttpResponse:
    """Settle the columns."""
    found = _found(request, pk)
    form = SurveyColumnsForm(request.POST, survey=found)
    if form.is_valid():
        try:
            survey_map_columns(
                survey=found, actor=request.membership, columns=form.columns(), dates=form.cleaned_data["dates"]
            )
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The columns are settled. Now check the file.")
            return redirect(f"{found.get_absolute_url()}#outcomes")
    return survey_page(request, found.source, status=422, columns=form)


@require_POST
@members_only(policies.edits_interviews)
def check(request: MemberRequest, pk: int) -> HttpResponse:
    """Settle how purchases ended, and check the file against it."""
    found = _found(request, pk)
    form = SurveyOutcomesForm(request.POST, survey=found, counts=survey_outcomes(found))
    if form.is_valid():
        _start(request, found, dry_run=True, outcomes=form.settled())
    else:
        messages.error(request, "Say of each value how the purchase ended.")
    return redirect(found)


@require_POST
@members_only(policies.edits_interviews)
def load(request: MemberRequest, pk: int) -> HttpResponse:
    """Load what was checked."""
    found = _found(request, pk)
    _start(request, found, dry_run=False)
    return redirect(found)


def _start(request: MemberRequest, found: Survey, *, dry_run: bool, outcomes: dict[str, str] | None = None) -> None:
    try:
        survey_start(survey=found, actor=request.membership, dry_run=dry_run, outcomes=outcomes)
    except ApplicationError as error:
        messages.error(request, error.message)


@require_GET
@members_only(policies.edits_interviews)
def errors(request: MemberRequest, pk: int) -> HttpResponse:
    """Give the refused rows as a file to mend them by."""
    found = _found(request, pk)
    rows = ((error.row, error.column, error.value, error.reason) for error in found.errors.all())
    return csv_response("refused-rows.csv", ("row", "column", "value", "reason"), rows)
