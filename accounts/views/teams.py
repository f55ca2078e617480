"""Teams, for the workspace's admins."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import policies, selectors
from accounts.access import MemberRequest, members_only
from accounts.forms import TeamForm, TeamMembersForm
from accounts.services import team_assign, team_create, team_rename, team_set_manager
from core.exceptions import ApplicationError
from core.http import go_to


@require_http_methods(["GET", "POST"])
@members_only(policies.manages_people)
def teams(request: MemberRequest) -> HttpResponse:
    """List the teams, and start one."""
    form = TeamForm(request.POST or None, membership=request.membership)
    if request.method == "POST" and form.is_valid():
        try:
            started = team_create(actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"{started} is there. Now say who is in it.")
            return go_to(request, reverse("accounts:team", args=[started.pk]))
    context = {"form": form, "teams": selectors.teams(request.membership)}
    return render(request, "accounts/teams.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@members_only(policies.manages_people)
def team(request: MemberRequest, pk: int) -> HttpResponse:
    """Rename a team, give it a manager, say who is in it."""
    found = get_object_or_404(selectors.teams(request.membership), pk=pk)
    form = TeamMembersForm(request.POST or None, membership=request.membership, team=found)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                team_rename(team=found, name=form.cleaned_data["name"], actor=request.membership)
                team_set_manager(team=found, manager=form.cleaned_data["manager"], actor=request.membership)
                team_assign(team=found, members=form.cleaned_data["members"], actor=request.membership)
        except ApplicationError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"{found} is saved.")
            return go_to(request, reverse("accounts:teams"))
    return render(request, "accounts/team.html", {"form": form, "team": found}, status=422 if form.errors else 200)
