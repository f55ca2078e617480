"""Splitting a stage and merging two: each shows what will happen before it does."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, members_only
from buying_process import policies, services
from buying_process.forms import OtherStageForm, SplitForm
from buying_process.models import Stage
from buying_process.services.previews import Preview, merge_preview, split_preview
from buying_process.views.answers import changed, closed
from buying_process.views.stages import stage_of
from core.exceptions import ApplicationError, ConflictError
from core.http import render_page


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def stage_split(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Put some of what customers do in a stage into a new one behind it."""
    stage = stage_of(request, process_id, number, stage_id)
    version = stage.version
    form = SplitForm(_asked(request), stage=stage, auto_id="split_%s")
    if request.method == "POST" and form.is_valid():
        try:
            made = services.stage_split(stage=stage, actor=request.membership, **form.cleaned_data)
        except ConflictError:
            raise
        except ApplicationError as error:
            form.add_error("activities" if "activities" in error.fields else None, error.message)
        else:
            message = f"“{stage.name}” is split; “{made.name}” stands behind it."
            return closed(changed(request, version, message))
    return _page(request, stage, form, "buying_process/stage_split.html", _split_preview(stage, form))


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def stage_merge(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Put all that a stage holds into another."""
    stage = stage_of(request, process_id, number, stage_id)
    beside = stage.version.stages.filter(position=stage.position - 1 if stage.position else 1).first()
    asked = _asked(request) or ({"into": beside.pk} if beside else None)
    form = OtherStageForm(asked, stage=stage, auto_id="merge_%s")
    if request.method == "POST" and form.is_valid():
        into = services.stage_merge(stage=stage, into=form.cleaned_data["into"], actor=request.membership)
        return closed(changed(request, stage.version, f"“{stage.name}” is part of “{into.name}” now."))
    preview = merge_preview(stage=stage, into=form.cleaned_data["into"]) if form.is_valid() else None
    return _page(request, stage, form, "buying_process/stage_merge.html", preview)


def _asked(request: MemberRequest) -> object:
    """Give what was typed: posted to be done, or sent along to see what would happen."""
    return request.POST if request.method == "POST" else request.GET or None


def _split_preview(stage: Stage, form: SplitForm) -> Preview | None:
    """Work out a split of those activities that are chosen so far; a name is not needed for it."""
    if not form.is_bound:
        return None
    form.is_valid()  # reads what was sent, once: a refusal of the service stays with the form
    chosen = {activity.pk for activity in form.cleaned_data.get("activities", ())}
    theirs = stage.activities.filter(actor="customer").count()
    if not 0 < len(chosen) < theirs:
        return None
    return split_preview(stage=stage, name=form.cleaned_data.get("name", ""), chosen=chosen)


def _page(
    request: MemberRequest, stage: Stage, form: SplitForm | OtherStageForm, template: str, preview: Preview | None
) -> HttpResponse:
    posted = request.method == "POST"
    if form.is_bound and not posted:
        form.errors.clear()  # nothing was sent off yet
    context = {
        "stage": stage,
        "version": stage.version,
        "process": stage.version.process,
        "form": form,
        "preview": preview,
        "interviews": stage.version.derivation.get("interviews", 0),
    }
    return render_page(request, template, context, fragment="panel", status=422 if posted else 200)
