"""The segments: customers that buy alike."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ForbiddenError
from core.forms import show_errors
from interviews import policies, services
from interviews.forms import SegmentForm
from interviews.selectors import segment_rows, segments


@members_only(policies.reads_interviews)
def segment_list(request: MemberRequest) -> HttpResponse:
    """Show the segments with how many interviews speak for each; for designers, add one."""
    may_edit = policies.edits_interviews(request.membership)
    form = SegmentForm(request.POST or None) if may_edit else None
    if request.method == "POST":
        if form is None:
            raise ForbiddenError("Your role may read the segments, not change them.")
        if form.is_valid():
            try:
                made = services.segment_create(actor=request.membership, **form.cleaned_data)
            except ApplicationError as error:
                show_errors(form, error)
            else:
                messages.success(request, f"Added the segment “{made.name}”.")
                return redirect("interviews:segments")
    rows = segment_rows(request.membership)
    bad = form is not None and form.is_bound
    context = {"segments": rows, "form": form, "may_edit": may_edit}
    return render(request, "interviews/segments.html", context, status=422 if bad else 200)


@members_only(policies.edits_interviews)
def segment(request: MemberRequest, pk: int) -> HttpResponse:
    """Rename or describe a segment."""
    found = get_object_or_404(segments(request.membership), pk=pk)
    shown = found.name
    form = SegmentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            stands = segments(request.membership).get(pk=pk)
            services.segment_update(segment=stands, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("interviews:segments")
    context = {"segment": found, "shown": shown, "form": form}
    return render(request, "interviews/segment.html", context, status=422 if form.is_bound else 200)
