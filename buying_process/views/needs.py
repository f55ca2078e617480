"""Needs of a stage."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.access import MemberRequest
from buying_process import selectors, services
from buying_process.forms import NeedEditForm, NeedForm
from buying_process.models import StageNeed
from buying_process.views.answers import changed, edit, refuse_invalid
from buying_process.views.panels import Conflict, stage_panel
from buying_process.views.stages import stage_of
from core.exceptions import ApplicationError, ConflictError


def need_of(request: MemberRequest, process_id: int, number: int, need_id: int) -> StageNeed:
    """Give a need of a version that the member may see, or answer 404."""
    return get_object_or_404(
        selectors.needs(request.membership),
        pk=need_id,
        stage__version__process_id=process_id,
        stage__version__number=number,
    )


@edit
def need_add(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Add a role, an information need, a piece of evidence or an obstacle."""
    stage = stage_of(request, process_id, number, stage_id)
    form = NeedForm(request.POST, auto_id="need_%s")
    if form.is_valid():
        try:
            need = services.stage_need_add(stage=stage, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("name" if "name" in error.fields else None, error.message)
        else:
            return changed(request, stage.version, f"“{need.name}” is added.", panel=stage_panel(request, stage))
    return stage_panel(request, stage, need_form=form)


@edit
def need_edit(request: MemberRequest, process_id: int, number: int, need_id: int) -> HttpResponse:
    """Change the words or the channel of a need."""
    need = need_of(request, process_id, number, need_id)
    form = NeedEditForm(request.POST)
    refuse_invalid(form)
    values = dict(form.cleaned_data)
    values["seen"] = values["seen"] or None  # without one they replace it knowingly
    if "seen_channel" not in form.data:
        values["seen_channel"] = None
    try:
        services.stage_need_update(need=need, actor=request.membership, **values)
    except ConflictError as error:
        if not request.htmx or not error.fields:
            raise
        fresh = need_of(request, process_id, number, need_id)
        conflict = Conflict(fresh.name, values["name"], error.message, need=fresh, channel=values["channel"])
        return stage_panel(request, fresh.stage, conflict=conflict)
    panel = stage_panel(request, need.stage)
    return changed(request, need.stage.version, f"“{need.name}” is saved.", panel=panel)


@edit
def need_remove(request: MemberRequest, process_id: int, number: int, need_id: int) -> HttpResponse:
    """Take a need away."""
    need = need_of(request, process_id, number, need_id)
    services.stage_need_remove(need=need, actor=request.membership)
    panel = stage_panel(request, need.stage)
    return changed(request, need.stage.version, f"“{need.name}” is gone.", panel=panel)
