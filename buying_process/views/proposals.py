"""A proposal beside a draft: its parts are looked at, taken and refused one by one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import PartForm
from buying_process.models import Version
from buying_process.views.answers import edit, refuse_invalid, undo_url, version_of
from core.http import go_to, render_page, with_toast

GROUPS = (
    ("interviews", "What it rests on"),
    ("stage", "Stages"),
    ("activity", "What customers do"),
    ("need", "What a stage needs, and what stalls it"),
)


def proposal_beside(request: MemberRequest, process_id: int, number: int) -> Version:
    """Give the proposal beside a draft that the member may see, or answer 404."""
    proposal = selectors.proposal_for(request.membership, version_of(request, process_id, number))
    if proposal is None:
        raise Http404
    return proposal


@require_GET
@members_only(policies.shapes_process)
def proposal_detail(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Show what a proposal would change in its draft, with what customers said."""
    return _page(request, proposal_beside(request, process_id, number))


@edit
def proposal_take(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Take one part, or all that are open."""
    draft = version_of(request, process_id, number)
    proposal = proposal_beside(request, process_id, number)
    part = _part(request)
    taken = services.proposal_take(proposal=proposal, keys=[part] if part else None, actor=request.membership)
    message = f"“{taken[0]}” is in the draft." if len(taken) == 1 else f"{len(taken)} parts are in the draft."
    made = selectors.edit_since(draft, request.membership)
    return _answer(request, process_id, number, message, undo=undo_url(draft, made) if made else "")


@edit
def proposal_refuse(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Leave one part."""
    proposal = proposal_beside(request, process_id, number)
    part = services.proposal_refuse(proposal=proposal, key=_part(request), actor=request.membership)
    return _answer(request, process_id, number, f"“{part.name}” is refused. The draft stays as it is.")


@require_POST
@members_only(policies.shapes_process)
def proposal_keep(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Make the proposal a draft of its own."""
    kept = services.proposal_keep(proposal=proposal_beside(request, process_id, number), actor=request.membership)
    messages.success(request, f"The proposal is draft {kept.number} now. Draft {number} stays as it is.")
    return redirect(kept)


@require_POST
@members_only(policies.shapes_process)
def proposal_discard(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Take the proposal away."""
    proposal = proposal_beside(request, process_id, number)
    services.proposal_discard(proposal=proposal, actor=request.membership)
    messages.success(request, "The proposal is gone. The draft stays as it is.")
    return redirect("buying_process:version", process_id, number)


def _part(request: MemberRequest) -> str:
    form = PartForm(request.POST)
    refuse_invalid(form)
    return str(form.cleaned_data["part"])


def _answer(request: MemberRequest, process_id: int, number: int, message: str, *, undo: str = "") -> HttpResponse:
    if not request.htmx:
        messages.success(request, message)
        return go_to(request, reverse("buying_process:proposal", args=[process_id, number]))
    return with_toast(_page(request, proposal_beside(request, process_id, number)), message, undo_url=undo)


def _page(request: MemberRequest, version: Version) -> HttpResponse:
    found = selectors.proposal_of(version)
    grouped = [(label, [part for part in found.open if part.group == key]) for key, label in GROUPS]
    context: dict[str, Any] = {
        "proposal": found,
        "version": found.draft,
        "process": version.process,
        "groups": [(label, parts) for label, parts in grouped if parts],
        "names_customers": policies.reads_interviews(request.membership),
    }
    return render_page(request, "buying_process/proposal.html", context, fragment="live")
