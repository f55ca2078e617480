"""A version: the designer page, publication, retirement."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.choices import Status
from buying_process.forms import PublishForm, SettingsForm
from buying_process.views.answers import may_shape, version_of
from core.exceptions import ApplicationError
from core.http import go_to, render_page


@require_GET
@members_only(policies.reads_process)
def version_detail(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Show a version on one map: a draft to shape, a published one to read."""
    designer, seen = policies.shapes_process(request.membership), selectors.versions(request.membership)
    rows = selectors.with_deals_elsewhere(seen) if designer else seen
    version = get_object_or_404(rows, process_id=process_id, number=number)
    shapes = may_shape(request, version)
    proposal = selectors.proposal_for(request.membership, version) if shapes else None
    checks = selectors.checks_of(version) if designer else None
    rungs = selectors.rungs(version, checks) if checks else ()
    context = {
        "version": version,
        "process": version.process,
        "proposed": selectors.proposal_of(proposal, quoted=False) if proposal else None,
        "other_live": selectors.live_version(version.process) if designer and version.status != Status.LIVE else None,
        "journey": selectors.journey_map(version, mode="design" if shapes else "view"),
        "shapes": shapes,
        "designs": designer,
        "checks": checks,
        "rungs": rungs,
        "rung": selectors.rung_of(rungs),
        "chaos": selectors.chaos(version),
        "enough": selectors.enough(version) if designer else None,
        "job": selectors.publication_job(version) if designer else None,
        "history": selectors.history_of(version, request.membership) if shapes else None,
        "in_use": version.status in {Status.LIVE, Status.PILOT},
    }
    return render_page(request, "buying_process/version.html", context, fragment="live")


@require_GET
@members_only(policies.reads_process)
def version_chaos(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Explain how chaotic buying is: what loops, where it stalls, where it dies, and what would have helped."""
    version = version_of(request, process_id, number)
    reads_interviews = bool(policies.reads_interviews(request.membership))
    context = {
        "version": version,
        "process": version.process,
        "interviews": version.derivation.get("interviews", 0),
        "chaos": selectors.explained(version, reads_interviews=reads_interviews),
        "names_customers": reads_interviews,
    }
    return render(request, "buying_process/chaos.html", context)


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def version_settings(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Set the weights of the score's parts and the days of silence."""
    version = version_of(request, process_id, number)
    if not may_shape(request, version):
        return redirect(version)
    form = SettingsForm(
        request.POST if request.method == "POST" else None, instance=version_of(request, process_id, number)
    )
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        services_error = _save_settings(request, form, process_id, number, values)
        if services_error is None:
            messages.success(request, "The weights are saved.")
            return go_to(request, version.get_absolute_url())
    context = {"version": version, "process": version.process, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "buying_process/settings.html", context, fragment="panel", status=status)


def _save_settings(
    request: MemberRequest, form: SettingsForm, process_id: int, number: int, values: dict[str, float]
) -> ApplicationError | None:
    try:
        services.version_settings(
            version=version_of(request, process_id, number), actor=request.membership, seen=form.seen(), **values
        )
    except ApplicationError as error:
        if error.status != 400:  # noqa: PLR2004  a conflict is no mistake in the form
            raise
        form.add_error(None, error.message)
        return error
    return None


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def version_publish(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Say what publishing will do, and do it."""
    version = version_of(request, process_id, number)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.version_publish(version=version, actor=request.membership, move_deals=form.cleaned_data["move_deals"])
        messages.success(request, f"Version {version.number} is live. It stays as it is from here on.")
        return go_to(request, version.get_absolute_url())
    live = selectors.live_version(version.process)
    context = {
        "version": version,
        "process": version.process,
        "form": form,
        "live": live,
        "open_deals": selectors.open_deals_on(live) if live else 0,
        "hindrances": services.hindrances(version),
        "is_draft": version.status == Status.DRAFT,
    }
    return render_page(request, "buying_process/publish.html", context, fragment="panel")


@require_POST
@members_only(policies.shapes_process)
def version_move_deals(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Move the open deals that follow other versions to the live one."""
    version = version_of(request, process_id, number)
    services.version_move_deals(version=version, actor=request.membership)
    return redirect(version)


@require_POST
@members_only(policies.shapes_process)
def version_retire(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Take a published version out of use."""
    version = services.version_retire(version=version_of(request, process_id, number), actor=request.membership)
    messages.success(request, f"Version {version.number} is retired.")
    return redirect(version)


@require_POST
@members_only(policies.shapes_process)
def version_copy(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Start a draft from a version."""
    copy = services.version_copy(version=version_of(request, process_id, number), actor=request.membership)
    messages.success(request, f"Draft {copy.number} holds all of version {number}. Change what you like.")
    return redirect(copy)


@require_POST
@members_only(policies.shapes_process)
def version_delete(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Delete a draft."""
    version = version_of(request, process_id, number)
    services.version_delete(version=version, actor=request.membership)
    messages.success(request, f"Draft {number} is deleted.")
    return redirect(version.process)
