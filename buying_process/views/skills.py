"""The list of skills."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import SkillForm
from buying_process.services.skills import STARTER
from core.exceptions import ApplicationError


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def skill_list(request: MemberRequest) -> HttpResponse:
    """Show the skills that our activities take, and add one."""
    form = SkillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            skill = services.skill_create(actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"“{skill.name}” is on the list.")
            return redirect("buying_process:skills")
    found = list(selectors.skills(request.membership))
    known = {skill.name.casefold() for skill in found}
    context = {
        "skills": found,
        "form": form,
        "starter": [name for name, _ in STARTER if name.casefold() not in known],
    }
    return render(request, "buying_process/skills.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def skill_edit(request: MemberRequest, skill_id: int) -> HttpResponse:
    """Rename or describe a skill."""
    skill = get_object_or_404(selectors.skills(request.membership), pk=skill_id)
    start = {"name": skill.name, "description": skill.description}
    form = SkillForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.skill_update(skill=skill, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"“{skill.name}” is saved.")
            return redirect("buying_process:skills")
    taken = selectors.activities_that_take(request.membership, skill)
    context = {"skill": skill, "shown": start["name"], "form": form, "taken": taken}
    return render(request, "buying_process/skill.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(policies.shapes_process)
def skill_remove(request: MemberRequest, skill_id: int) -> HttpResponse:
    """Take a skill off the list."""
    skill = get_object_or_404(selectors.skills(request.membership), pk=skill_id)
    services.skill_delete(skill=skill, actor=request.membership)
    messages.success(request, f"“{skill.name}” is off the list.")
    return redirect("buying_process:skills")


@require_POST
@members_only(policies.shapes_process)
def skills_begin(request: MemberRequest) -> HttpResponse:
    """Add the skills to begin with."""
    added = services.skills_begin(actor=request.membership)
    messages.success(request, f"Added {added} skills." if added else "All of them are there already.")
    return redirect("buying_process:skills")
