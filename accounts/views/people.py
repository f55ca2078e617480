"""The people of a workspace, for its admins."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policies, selectors
from accounts.access import MemberRequest, members_only
from accounts.forms import PeopleFilterForm, PersonForm
from accounts.services import membership_change_role, membership_end, membership_restore, membership_set_team
from core.exceptions import ApplicationError
from core.http import go_to, render_page, with_toast

A_PAGE = 50


def _list(request: MemberRequest, message: str = "", undo_url: str = "") -> HttpResponse:
    form = PeopleFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"q": "", "role": "", "ended": False}
    found = selectors.people(request.membership, query=chosen["q"], role=chosen["role"], ended=chosen["ended"])
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "ended": chosen["ended"], "filtered": bool(chosen["q"] or chosen["role"])}
    response = render_page(request, "accounts/people.html", context, fragment="rows")
    return with_toast(response, message, undo_url=undo_url) if message else response


@require_GET
@members_only(policies.manages_people)
def people(request: MemberRequest) -> HttpResponse:
    """List the members, by name or e-mail and role."""
    return _list(request)


@require_http_methods(["GET", "POST"])
@members_only(policies.manages_people)
def person(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a member's role and team."""
    membership = get_object_or_404(selectors.members(request.membership), pk=pk)
    initial = {"role": membership.role, "team": membership.team_id}
    form = PersonForm(request.POST or None, initial=initial, membership=request.membership)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                membership_change_role(membership=membership, role=form.cleaned_data["role"], actor=request.membership)
                membership_set_team(membership=membership, team=form.cleaned_data["team"], actor=request.membership)
        except ApplicationError as error:
            form.add_error("role", error.message)
        else:
            messages.success(request, f"{membership.user} is saved.")
            return go_to(request, reverse("accounts:people"))
    context = {"form": form, "person": membership}
    return render(request, "accounts/person.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(policies.manages_people)
def person_end(request: MemberRequest, pk: int) -> HttpResponse:
    """End a membership."""
    membership = get_object_or_404(selectors.members(request.membership), pk=pk)
    membership_end(membership=membership, actor=request.membership)
    if membership.pk == request.membership.pk:
        return go_to(request, reverse("today"))
    return _changed(request, f"{membership.user} has no access now.", reverse("accounts:person_restore", args=[pk]))


@require_POST
@members_only(policies.manages_people)
def person_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a member back."""
    membership = get_object_or_404(selectors.members(request.membership), pk=pk)
    membership_restore(membership=membership, actor=request.membership)
    return _changed(request, f"{membership.user} is back.")


def _changed(request: MemberRequest, message: str, undo_url: str = "") -> HttpResponse:
    if request.htmx:
        return _list(request, message, undo_url)
    messages.success(request, message)
    return go_to(request, reverse("accounts:people"))
