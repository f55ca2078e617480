"""Processes: the list, one process, its derivation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import ProcessForm
from buying_process.models import Process
from core.exceptions import ApplicationError
from core.http import go_to


@require_GET
@members_only(policies.reads_process)
def process_list(request: MemberRequest) -> HttpResponse:
    """List the processes with their versions."""
    context = {
        "processes": [
            (process, selectors.shown_version(process)) for process in selectors.processes(request.membership)
        ],
        "shapes": policies.shapes_process(request.membership),
    }
    return render(request, "buying_process/list.html", context)


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def process_new(request: MemberRequest) -> HttpResponse:
    """Make a process."""
    form = ProcessForm(
        request.POST if request.method == "POST" else None, instance=Process(workspace=request.membership.workspace)
    )
    if request.method == "POST" and form.is_valid():
        try:
            process = services.process_create(actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{process} is there. Now derive it from the interviews.")
            return go_to(request, process.get_absolute_url())
    return render(request, "buying_process/process_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@members_only(policies.reads_process)
def process_detail(request: MemberRequest, process_id: int) -> HttpResponse:
    """Show a process's versions, and derive the next."""
    return _process_page(request, process_of(request, process_id))


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def process_edit(request: MemberRequest, process_id: int) -> HttpResponse:
    """Change a process's name and segment."""
    process = process_of(request, process_id)
    form = ProcessForm(request.POST if request.method == "POST" else None, instance=process_of(request, process_id))
    if request.method == "POST" and form.is_valid():
        try:
            services.process_update(process=process, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{process} is saved.")
            return go_to(request, process.get_absolute_url())
    context = {"form": form, "process": process}
    return render(request, "buying_process/process_form.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(policies.shapes_process)
def process_remove(request: MemberRequest, process_id: int) -> HttpResponse:
    """Delete a process of which nothing was published."""
    process = process_of(request, process_id)
    services.process_delete(process=process, actor=request.membership)
    messages.success(request, f"{process.name} is deleted.")
    return redirect("buying_process:list")


def process_of(request: MemberRequest, process_id: int) -> Process:
    """Give a process that the member may see, or answer 404."""
    return get_object_or_404(selectors.processes(request.membership), pk=process_id)


def _process_page(request: MemberRequest, process: Process) -> HttpResponse:
    shapes = policies.shapes_process(request.membership)
    context = {
        "process": process,
        "versions": process.versions.all(),
        "shown": selectors.shown_version(process),
        "shapes": shapes,
        "shaped": selectors.shaped_draft(process) if shapes else None,
        "job": selectors.running_job(process) if shapes else None,
    }
    return render(request, "buying_process/process.html", context)
