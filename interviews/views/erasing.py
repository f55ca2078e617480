"""An interview goes, or the person who spoke; and all of it for them to have."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from interviews import policies, services
from interviews.selectors import dependents, interviews, person_file


@require_safe
@members_only(policies.edits_interviews)
def everything(request: MemberRequest, pk: int) -> HttpResponse:
    """Give everything about an interview as a file."""
    found = get_object_or_404(interviews(request.membership).select_related("source"), pk=pk)
    response = HttpResponse(person_file(found), content_type="application/zip")
    name = f"interview-{found.pk}-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "POST"])
@members_only(policies.edits_interviews)
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what goes with an interview, and delete it."""
    found = get_object_or_404(interviews(request.membership), pk=pk)
    if request.method == "POST":
        name = str(found)
        services.interview_delete(interview=found, actor=request.membership)
        messages.success(request, f"Deleted the interview “{name}”.")
        return redirect("interviews:list")
    context = {"interview": found, "goes": dependents(found)}
    return render(request, "interviews/delete.html", context)


@require_http_methods(["GET", "POST"])
@members_only(policies.edits_interviews)
def erase(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what is taken away of the person who spoke, and do so."""
    found = get_object_or_404(interviews(request.membership), pk=pk)
    if request.method == "POST":
        try:
            services.interview_erase(interview=found, actor=request.membership)
        except ApplicationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Their name and their words are gone.")
        return redirect(found)
    context = {"interview": found, "goes": dependents(found)}
    return render(request, "interviews/erase.html", context)
