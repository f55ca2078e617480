"""The timeline: the moments of a customer's story, reordered by drag or by buttons, with returns."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.http import render_page, with_toast
from interviews import policies, services
from interviews.forms import MomentDateForm, MomentForm, MoveForm
from interviews.models import Interview, Moment
from interviews.selectors import moment_views, rows

LAST = "timeline_last"  # in the session: what the last change of a timeline did, and how to undo it


def _interview(request: MemberRequest, pk: int) -> Interview:
    return get_object_or_404(rows.interviews(request.membership), pk=pk)


def _moment(request: MemberRequest, pk: int) -> Moment:
    return get_object_or_404(rows.moments(request.membership), pk=pk)


def _context(request: MemberRequest, interview: Interview) -> dict[str, object]:
    may_edit = policies.edits_interviews(request.membership)
    parts = services.timeline_parts(interview) if may_edit else []
    moments = moment_views(interview)
    last: dict[str, Any] = request.session.get(LAST, {})
    return {
        "interview": interview,
        "moments": moments,
        "parts": [part for part in parts if not part.left_out],
        "left_out": [part for part in parts if part.left_out],
        "last": last if last.get("interview") == interview.pk else None,
        "form": MomentForm(moments=moments) if may_edit else None,
        "may_edit": may_edit,
    }


@require_GET
@members_only(policies.reads_interviews)
def page(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the timeline."""
    context = _context(request, _interview(request, pk))
    return render_page(request, "interviews/timeline.html", context, fragment="moments")


def _changed(request: MemberRequest, interview: Interview, message: str, before: list[list[Any]]) -> HttpResponse:
    """Give the timeline as it is now, with a toast to undo; the page's own button does so without scripts too."""
    undo = services.moments_undo(interview=interview, before=before)
    request.session[LAST] = {"interview": interview.pk, "token": undo, "did": message.rstrip(".")}
    if not request.htmx:
        messages.success(request, message)
        return redirect("interviews:timeline", pk=interview.pk)
    response = render(request, "interviews/timeline.html#moments", _context(request, interview))
    undo_url = reverse("interviews:timeline_restore", args=[interview.pk, undo])
    return with_toast(response, message, undo_url=undo_url)


@require_POST
@members_only(policies.edits_interviews)
def draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin the timeline with what is ticked of its draft."""
    found = _interview(request, pk)
    keys = request.POST.getlist("part")
    if not keys:
        raise ApplicationError("Tick at least one of the moments, or add one by hand.")
    before = services.moments_snapshot(interview=found)
    moments = services.timeline_begin(interview=found, keys=keys, actor=request.membership)
    noun = "moment" if len(moments) == 1 else "moments"
    return _changed(request, found, f"Drafted {len(moments)} {noun}.", before)


@require_POST
@members_only(policies.edits_interviews)
def take(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the chosen parts of the draft into the timeline that stands."""
    found = _interview(request, pk)
    keys = request.POST.getlist("part")
    before = services.moments_snapshot(interview=found)
    services.timeline_take(interview=found, keys=keys, actor=request.membership)
    return _changed(request, found, "Taken over." if len(keys) == 1 else f"Took over {len(keys)} parts.", before)


@require_POST
@members_only(policies.edits_interviews)
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave the chosen parts of the draft out; they can be offered again."""
    found = _interview(request, pk)
    keys = request.POST.getlist("part")
    services.timeline_leave(interview=found, keys=keys, actor=request.membership)
    message = "Left out." if len(keys) == 1 else f"Left {len(keys)} parts out."
    if not request.htmx:
        messages.success(request, message)
        return redirect("interviews:timeline", pk=pk)
    address = f"{reverse('interviews:timeline_offer', args=[pk])}?{urlencode({'part': keys}, doseq=True)}"
    response = render(request, "interviews/timeline.html#moments", _context(request, found))
    return with_toast(response, message, undo_url=address)


@require_POST
@members_only(policies.edits_interviews)
def offer(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer parts again that were left out."""
    found = _interview(request, pk)
    keys = request.POST.getlist("part") or request.GET.getlist("part")
    services.timeline_offer(interview=found, keys=keys, actor=request.membership)
    if not request.htmx:
        return redirect("interviews:timeline", pk=pk)
    return render(request, "interviews/timeline.html#moments", _context(request, found))


@require_POST
@members_only(policies.edits_interviews)
def move(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a moment to where it was dropped, or one place up or down."""
    found = _interview(request, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise ApplicationError("Say which moment goes to which place.")
    moment = get_object_or_404(found.moments.select_related("code", "interview"), pk=form.cleaned_data["item"])
    before = services.moments_snapshot(interview=found)
    services.moment_move(moment=moment, position=form.cleaned_data["position"] + 1, actor=request.membership)
    return _changed(request, found, f"Moved: {moment.code.name}.", before)


@require_POST
@members_only(policies.edits_interviews)
def add(request: MemberRequest, pk: int) -> HttpResponse:
    """Add an activity where it belongs; one that came before is a return."""
    found = _interview(request, pk)
    form = MomentForm(request.POST, moments=moment_views(found))
    if not form.is_valid():
        if request.htmx:
            raise ApplicationError("Choose an activity first.")
        return render(request, "interviews/timeline.html", _context(request, found) | {"form": form}, status=422)
    data = form.cleaned_data
    before = services.moments_snapshot(interview=found)
    behind = found.moments.filter(pk=data["behind"]).first() if data["behind"] else None
    services.moment_add(
        interview=found,
        code=data["code"],
        happened_on=data["happened_on"],
        position=behind.position + 1 if behind else None,
        actor=request.membership,
    )
    return _changed(request, found, f"Added: {data['code'].name}.", before)


@require_POST
@members_only(policies.edits_interviews)
def date(request: MemberRequest, pk: int) -> HttpResponse:
    """Say when a moment happened, and in which words they said so."""
    found = _moment(request, pk)
    form = MomentDateForm(request.POST)
    if not form.is_valid():
        raise ApplicationError("That is no date. Choose one, or leave it empty.")
    before = services.moments_snapshot(interview=found.interview)
    made = services.moment_date(moment=found, actor=request.membership, **form.cleaned_data)
    day = date_format(made.happened_on) if made.happened_on else "nobody knows when"
    return _changed(request, found.interview, f"Saved the date: {day}.", before)


@require_POST
@members_only(policies.edits_interviews)
def together(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a moment happened together with the one before it, or on its own."""
    found = _moment(request, pk)
    joined = request.POST.get("together") == "1"
    before = services.moments_snapshot(interview=found.interview)
    services.moment_together(moment=found, together=joined, actor=request.membership)
    message = "Together with the one before." if joined else "On its own again."
    return _changed(request, found.interview, message, before)


@require_POST
@members_only(policies.edits_interviews)
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a moment out of the timeline."""
    found = _moment(request, pk)
    before = services.moments_snapshot(interview=found.interview)
    services.moment_remove(moment=found, actor=request.membership)
    return _changed(request, found.interview, f"Removed: {found.code.name}.", before)


@require_POST
@members_only(policies.edits_interviews)
def restore(request: MemberRequest, pk: int, token: str) -> HttpResponse:
    """Undo the last change; doing so once more does it again."""
    found = _interview(request, pk)
    before = services.moments_snapshot(interview=found)
    services.moments_restore(interview=found, token=token, actor=request.membership)
    return _changed(request, found, "Put back.", before)
