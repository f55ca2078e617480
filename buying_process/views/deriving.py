"""Derive a draft, a proposal or a comparison of segments; and the record of what a derivation was made from."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import DeriveForm, SegmentsForm
from buying_process.models import Process
from buying_process.views.answers import version_of
from buying_process.views.processes import process_of
from core.exceptions import ApplicationError
from core.http import go_to


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def process_derive(request: MemberRequest, process_id: int) -> HttpResponse:
    """Choose what to derive from, and start it in the background."""
    process = process_of(request, process_id)
    form = DeriveForm(request.POST if request.method == "POST" else None, process=process)
    if request.method == "POST" and form.is_valid():
        try:
            services.derive_start(process=process, actor=request.membership, **form.asked())
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            return go_to(request, f"{process.get_absolute_url()}#derive")
    return _derive_page(request, process, form=form)


@require_POST
@members_only(policies.shapes_process)
def process_segments(request: MemberRequest, process_id: int) -> HttpResponse:
    """Derive several segments, to see them side by side."""
    process = process_of(request, process_id)
    form = SegmentsForm(request.POST)
    if form.is_valid():
        try:
            services.segments_start(
                process=process, segments=list(form.cleaned_data["segments"]), actor=request.membership
            )
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            return go_to(request, f"{process.get_absolute_url()}#derive")
    return _derive_page(request, process, segments_form=form)


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def version_run(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Show what a version was derived from, and repeat it."""
    version = version_of(request, process_id, number)
    if request.method == "POST":
        services.repeat_start(version=version, actor=request.membership)
        return go_to(request, request.path)
    run = selectors.run_of(version)
    context = {
        "version": version,
        "process": version.process,
        "run": run,
        "interviews": selectors.interviews_of_run(run) if run else [],
        "job": selectors.latest_repetition(version),
    }
    return render(request, "buying_process/run.html", context)


def _derive_page(
    request: MemberRequest,
    process: Process,
    *,
    form: DeriveForm | None = None,
    segments_form: SegmentsForm | None = None,
) -> HttpResponse:
    form = form or DeriveForm(process=process)
    wrong = form.errors or (segments_form and segments_form.errors)
    closed, more_closed = selectors.closed_count(process)
    context: dict[str, Any] = {
        "process": process,
        "form": form,
        "segments_form": segments_form,
        "segments": selectors.segment_choices(),
        "interviews": selectors.told_interviews(),
        "left_out": [str(value) for value in form["left_out"].value() or []],
        "closed": closed,
        "more_closed": more_closed,
        "job": selectors.running_job(process),
    }
    return render(request, "buying_process/derive.html", context, status=422 if wrong else 200)
