"""Stages and transitions of a version."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import PositionForm, StageAddForm, StageNameForm
from buying_process.models import Stage
from buying_process.views.answers import changed, closed, edit, refuse_invalid, version_of
from buying_process.views.panels import Conflict, stage_panel
from core.exceptions import ApplicationError, ConflictError
from core.http import render_page


def stage_of(request: MemberRequest, process_id: int, number: int, stage_id: int) -> Stage:
    """Give a stage of a version that the member may see, or answer 404."""
    return get_object_or_404(
        selectors.stages(request.membership), pk=stage_id, version__process_id=process_id, version__number=number
    )


@require_GET
@members_only(policies.reads_process)
def stage_detail(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Show what stands behind a stage."""
    return stage_panel(request, stage_of(request, process_id, number, stage_id))


@require_GET
@members_only(policies.reads_process)
def transition_detail(request: MemberRequest, process_id: int, number: int, transition_id: int) -> HttpResponse:
    """Show the consecutive moments, and the words, behind a transition."""
    transition = get_object_or_404(
        selectors.transitions(request.membership),
        pk=transition_id,
        version__process_id=process_id,
        version__number=number,
    )
    context = {
        "transition": transition,
        "version": transition.version,
        "process": transition.version.process,
        "steps": selectors.quotes_of_transition(transition),
        "goes_back": bool(transition.to_stage and transition.to_stage.position < transition.from_stage.position),
        "stays": transition.to_stage_id == transition.from_stage_id,
        "names_customers": policies.reads_interviews(request.membership),
    }
    return render_page(request, "buying_process/transition.html", context, fragment="panel")


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def stage_add(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Add an empty stage."""
    version = version_of(request, process_id, number)
    form = StageAddForm(request.POST if request.method == "POST" else None, version=version, auto_id="stage_%s")
    if request.method == "POST" and form.is_valid():
        try:
            stage = services.stage_add(version=version, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            return closed(changed(request, version, f"“{stage.name}” is added. Move activities into it."))
    context = {"form": form, "version": version, "process": version.process}
    status = 422 if form.errors else 200
    return render_page(request, "buying_process/stage_add.html", context, fragment="panel", status=status)


@edit
def stage_rename(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Name a stage."""
    stage = stage_of(request, process_id, number, stage_id)
    form = StageNameForm(request.POST)
    refuse_invalid(form)
    try:
        stage = services.stage_rename(
            stage=stage,
            name=form.cleaned_data["name"],
            seen=form.cleaned_data["seen"] or None,
            actor=request.membership,
        )
    except ConflictError as error:
        if not request.htmx or not request.POST.get("panel"):
            raise
        fresh = stage_of(request, process_id, number, stage_id)
        conflict = Conflict(fresh.name, form.cleaned_data["name"], error.message)
        return stage_panel(request, fresh, conflict=conflict)
    panel = stage_panel(request, stage) if request.POST.get("panel") else None
    return changed(request, stage.version, f"The stage is called “{stage.name}” now.", panel=panel)


@edit
def stage_move(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Put a stage earlier or later."""
    moved = stage_of(request, process_id, number, stage_id)
    form = PositionForm(request.POST)
    refuse_invalid(form)
    stage = services.stage_move(
        stage=moved,
        position=form.cleaned_data["position"],
        actor=request.membership,
    )
    stage = stage_of(request, process_id, number, stage.pk)
    message = f"“{stage.name}” is stage {stage.position + 1} now."
    return changed(request, moved.version, message, panel=stage_panel(request, stage))


@edit
def stage_remove(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Take an empty stage away."""
    stage = stage_of(request, process_id, number, stage_id)
    services.stage_remove(stage=stage, actor=request.membership)
    return closed(changed(request, stage.version, f"“{stage.name}” is gone."))
