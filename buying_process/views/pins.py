"""Pin and unpin what a draft holds."""

from django.http import HttpResponse

from accounts.access import MemberRequest
from buying_process import services
from buying_process.forms import PinForm
from buying_process.models import Stage, StageActivity, StageNeed
from buying_process.views.activities import activity_of
from buying_process.views.answers import changed, edit, refuse_invalid
from buying_process.views.needs import need_of
from buying_process.views.panels import activity_panel, stage_panel
from buying_process.views.stages import stage_of


@edit
def stage_pin(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Keep a stage's name and place, or let a proposal change them."""
    stage = stage_of(request, process_id, number, stage_id)
    message = _pin(request, stage)
    return changed(request, stage.version, message, panel=stage_panel(request, stage))


@edit
def activity_pin(request: MemberRequest, process_id: int, number: int, activity_id: int) -> HttpResponse:
    """Keep an activity's name and stage, or let a proposal change them."""
    activity = activity_of(request, process_id, number, activity_id)
    message = _pin(request, activity)
    return changed(request, activity.stage.version, message, panel=activity_panel(request, activity))


@edit
def need_pin(request: MemberRequest, process_id: int, number: int, need_id: int) -> HttpResponse:
    """Keep a need, or let a proposal take it away."""
    need = need_of(request, process_id, number, need_id)
    message = _pin(request, need)
    return changed(request, need.stage.version, message, panel=stage_panel(request, need.stage))


def _pin(request: MemberRequest, row: Stage | StageActivity | StageNeed) -> str:
    form = PinForm(request.POST)
    refuse_invalid(form)
    pinned = form.cleaned_data["pinned"] == "yes"
    services.pin_set(row=row, pinned=pinned, actor=request.membership)
    return f"“{row.name}” {'is pinned: no proposal changes it' if pinned else 'may be proposed anew'}."
