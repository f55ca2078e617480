"""The landing page of the settings, one's own profile, and the workspace that one works in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policies
from accounts.access import MemberRequest, members_only
from accounts.forms import ProfileForm, WorkspaceForm
from accounts.middleware import SESSION_KEY
from accounts.selectors import memberships_of
from accounts.services import profile_update, workspace_set_time_zone
from core.http import go_to


@require_GET
@members_only(policies.is_member)
def settings(request: MemberRequest) -> HttpResponse:
    """Lead to what this role may set."""
    return render(request, "accounts/settings.html", {"manages_people": policies.manages_people(request.membership)})


@require_http_methods(["GET", "POST"])
@members_only(policies.is_member)
def profile(request: MemberRequest) -> HttpResponse:
    """Change one's own name and time zone."""
    person = request.membership.user
    form = ProfileForm(request.POST or None, initial={"full_name": person.full_name, "time_zone": person.time_zone})
    if request.method == "POST" and form.is_valid():
        profile_update(actor=request.membership, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return go_to(request, reverse("accounts:profile"))
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@members_only(policies.manages_workspace)
def workspace(request: MemberRequest) -> HttpResponse:
    """Change what holds for the whole workspace."""
    form = WorkspaceForm(request.POST or None, initial={"time_zone": request.membership.workspace.time_zone})
    if request.method == "POST" and form.is_valid():
        workspace_set_time_zone(time_zone=form.cleaned_data["time_zone"], actor=request.membership)
        messages.success(request, "The workspace is saved.")
        return go_to(request, reverse("accounts:workspace"))
    return render(request, "accounts/workspace.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@members_only(policies.is_member)
def switch(request: MemberRequest, pk: int) -> HttpResponse:
    """Act as another of one's own memberships, from now on in this session."""
    chosen = get_object_or_404(memberships_of(request.membership.user_id), pk=pk)
    request.session[SESSION_KEY] = chosen.pk
    return redirect("today")
