"""The checks of a version, what was accepted of them, and how ready it is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import AcceptForm, ReopenForm
from buying_process.models import Version
from buying_process.views.answers import edit, may_shape, refuse_invalid, version_of
from core.http import with_toast


@require_GET
@members_only(policies.shapes_process)
def version_checks(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Show what the checks found, what would mend it, and what the next rung of readiness needs."""
    return _page(request, version_of(request, process_id, number))


@edit
def finding_accept(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Accept a finding as intended."""
    version = version_of(request, process_id, number)
    form = AcceptForm(request.POST, version=version)
    refuse_invalid(form)
    services.finding_accept(version=version, actor=request.membership, **form.cleaned_data)
    return _changed(request, version, "Accepted as intended.")


@edit
def finding_reopen(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Take an acceptance back."""
    version = version_of(request, process_id, number)
    form = ReopenForm(request.POST)
    refuse_invalid(form)
    acceptance = get_object_or_404(version.acceptances, pk=form.cleaned_data["acceptance"])
    services.finding_reopen(acceptance=acceptance, actor=request.membership)
    return _changed(request, version, "It is open again.")


def _changed(request: MemberRequest, version: Version, message: str) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("buying_process:checks", args=[version.process_id, version.number]))
    return with_toast(_page(request, version), message)


def _page(request: MemberRequest, version: Version) -> HttpResponse:
    checks = selectors.checks_of(version)
    rungs = selectors.rungs(version, checks)
    context = {
        "version": version,
        "process": version.process,
        "checks": checks,
        "rungs": rungs,
        "next_rung": next((rung for rung in rungs if not rung.reached), None),
        "shapes": may_shape(request, version),
    }
    template = "buying_process/checks.html" + ("#found" if request.htmx and request.method == "POST" else "")
    return render(request, template, context)
