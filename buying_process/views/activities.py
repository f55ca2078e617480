"""Activities of a version."""

import json

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.choices import Actor, Purpose
from buying_process.forms import ActivityAddForm, ActivityForm, ActivityNameForm, MarkForm, MoveForm
from buying_process.models import StageActivity
from buying_process.selectors.journey_map import LANES
from buying_process.services.activities import as_seen
from buying_process.views.answers import changed, closed, edit, refuse_invalid, version_of
from buying_process.views.panels import Conflict, activity_panel
from buying_process.views.stages import stage_of
from core.exceptions import ApplicationError, ConflictError
from core.http import render_page


def activity_of(request: MemberRequest, process_id: int, number: int, activity_id: int) -> StageActivity:
    """Give an activity of a version that the member may see, or answer 404."""
    return get_object_or_404(
        selectors.activities(request.membership),
        pk=activity_id,
        stage__version__process_id=process_id,
        stage__version__number=number,
    )


@require_http_methods(["GET", "POST"])
@members_only(policies.reads_process)
def activity_detail(request: MemberRequest, process_id: int, number: int, activity_id: int) -> HttpResponse:
    """Show what stands behind an activity, and change it."""
    if request.method == "POST":
        return _activity_change(request, process_id=process_id, number=number, activity_id=activity_id)
    return activity_panel(request, activity_of(request, process_id, number, activity_id))


@edit
def _activity_change(request: MemberRequest, process_id: int, number: int, activity_id: int) -> HttpResponse:
    activity = activity_of(request, process_id, number, activity_id)
    version = activity.stage.version
    form = _form(activity, request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        seen = values.pop("seen") or None
        try:
            services.stage_activity_update(activity=activity, actor=request.membership, seen=seen, **values)
        except ConflictError as error:
            if not request.htmx or not error.fields:
                raise
            return _both(request, activity_of(request, process_id, number, activity_id), error)
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            panel = activity_panel(request, activity_of(request, process_id, number, activity_id))
            return changed(request, version, f"“{activity.name}” is saved.", panel=panel)
    return activity_panel(request, activity, form=form)


def _form(activity: StageActivity, data: QueryDict) -> ActivityForm | ActivityNameForm:
    if activity.actor == Actor.CUSTOMER:
        return ActivityNameForm(data, auto_id="activity_%s")
    return ActivityForm(data, version=activity.stage.version, auto_id="activity_%s")


def _both(request: MemberRequest, activity: StageActivity, error: ConflictError) -> HttpResponse:
    """Show what somebody else made of an activity beside what this person wrote, which they may save knowingly."""
    if activity.actor == Actor.CUSTOMER:
        conflict = Conflict(activity.name, request.POST["name"], error.message)
        return activity_panel(request, activity, conflict=conflict)
    data = request.POST.copy()
    data["seen"], data["saw"] = activity.name, json.dumps(as_seen(activity))
    form = _form(activity, data)
    form.add_error(next(iter(error.fields)), error.message)
    return activity_panel(request, activity, form=form)


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def activity_add(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Add an activity of ours."""
    version = version_of(request, process_id, number)
    lane = request.GET.get("lane", "")
    start = {
        "stage": request.GET.get("stage", ""),
        "actor_kind": Actor.INTERNAL if lane == "ours" else lane,
        "purpose": Purpose.INDEPENDENT if lane == "ours" else Purpose.FACILITATES,
        "facilitates": request.GET.get("helps", ""),
        "channels": request.GET.getlist("channel"),
    }
    form = ActivityAddForm(
        request.POST if request.method == "POST" else None, version=version, initial=start, auto_id="activity_%s"
    )
    if request.method == "POST" and form.is_valid():
        try:
            activity = services.stage_activity_add(actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            return closed(changed(request, version, f"“{activity.name}” is added."))
    context = {"form": form, "version": version, "process": version.process}
    status = 422 if form.errors else 200
    return render_page(request, "buying_process/activity_add.html", context, fragment="panel", status=status)


@edit
def activity_move(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Put an activity in another stage, lane or place: a drop on the map, or *Move* in its panel."""
    version_of(request, process_id, number)  # what one may not see is not there, whatever else is wrong
    form = MoveForm(request.POST)
    refuse_invalid(form)
    stage_id, lane = form.cleaned_data["list"]
    activity = activity_of(request, process_id, number, form.cleaned_data["item"])
    stage = stage_of(request, process_id, number, stage_id)
    services.stage_activity_move(
        activity=activity,
        stage=stage,
        position=form.cleaned_data["position"],
        lane=lane,
        seen_in=form.cleaned_data["seen"],
        actor=request.membership,
    )
    where = f"“{stage.name}”" if not lane else f"“{stage.name}”, {dict(LANES)[lane].lower()}"
    panel = None
    if request.POST.get("panel"):
        panel = activity_panel(request, activity_of(request, process_id, number, activity.pk))
    return changed(request, stage.version, f"“{activity.name}” is in {where} now.", panel=panel)


@edit
def activity_mark(request: MemberRequest, process_id: int, number: int, activity_id: int) -> HttpResponse:
    """Say whether a customer's activity needs anything of us."""
    activity = activity_of(request, process_id, number, activity_id)
    form = MarkForm(request.POST)
    refuse_invalid(form)
    services.stage_activity_mark(activity=activity, purpose=form.cleaned_data["purpose"], actor=request.membership)
    irrelevant = activity.purpose == Purpose.NOT_RELEVANT
    message = f"“{activity.name}” {'needs nothing of us' if irrelevant else 'is ours to help with again'}."
    return changed(request, activity.stage.version, message, panel=activity_panel(request, activity))


@edit
def activity_remove(request: MemberRequest, process_id: int, number: int, activity_id: int) -> HttpResponse:
    """Take an activity of ours away."""
    activity = activity_of(request, process_id, number, activity_id)
    services.stage_activity_remove(activity=activity, actor=request.membership)
    return closed(changed(request, activity.stage.version, f"“{activity.name}” is gone."))
