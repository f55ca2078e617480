"""Record an interview: its facts, and the answers that save as one types."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ConflictError
from core.forms import show_errors
from core.http import go_to
from interviews import policies, services
from interviews.forms import AnswerForm, InterviewForm, NewInterviewForm
from interviews.models import Answer, Interview, Segment
from interviews.selectors import answer_views, moment_views, open_suggestion_count, rows


def _segment(name: str, request: MemberRequest) -> Segment | None:
    """Give the segment of this name; a new name makes one."""
    if not name:
        return None
    return rows.segment_called(name) or services.segment_create(name=name, actor=request.membership)


@members_only(policies.edits_interviews)
def interview_add(request: MemberRequest) -> HttpResponse:
    """Ask for the facts, then go on to the answers."""
    form = NewInterviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                segment = _segment(form.cleaned_data["segment_name"], request)
                facts = {name: value for name, value in form.facts().items() if name != "guide"}
                made = services.interview_create(
                    actor=request.membership, segment=segment, guide_version=form.guide_version(), **facts
                )
        except ApplicationError as error:
            show_errors(form, error)
        else:
            return redirect(made)
    status = 422 if form.is_bound else 200
    return render(request, "interviews/add.html", {"form": form}, status=status)


@require_GET
@members_only(policies.reads_interviews)
def interview(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the facts and the answers, to write in for those who may."""
    found = get_object_or_404(rows.interviews(request.membership), pk=pk)
    return render(request, "interviews/interview.html", _page(request, found))


def _page(request: MemberRequest, found: Interview, conflict: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "interview": found,
        "answers": answer_views(found, request.membership),
        "moments": moment_views(found),
        "suggestions": open_suggestion_count(found),
        "conflict": conflict,
        "may_edit": policies.edits_interviews(request.membership),
    }


@members_only(policies.edits_interviews)
def facts(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the facts, in a dialog or on a page of its own."""
    found = get_object_or_404(rows.interviews(request.membership), pk=pk)
    form = InterviewForm(request.POST or None, interview=found)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                segment = _segment(form.cleaned_data["segment_name"], request)
                version = form.cleaned_data["version"]
                services.interview_update(
                    interview=found, version=version, actor=request.membership, segment=segment, **form.facts()
                )
        except ConflictError:
            form = _both_values(request, found, form)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return go_to(request, found.get_absolute_url())
    status = 422 if form.is_bound else 200
    template = "interviews/facts_dialog.html" if request.htmx else "interviews/facts.html"
    return render(request, template, {"form": form, "interview": found}, status=status)


def _both_values(request: MemberRequest, found: Interview, form: InterviewForm) -> InterviewForm:
    """Show what the other person saved beside what this one typed; saving again keeps the latter."""
    found.refresh_from_db()
    theirs = InterviewForm.facts_of(found)
    data = request.POST.copy()
    data["version"] = str(found.version)
    again = InterviewForm(data, interview=found)
    again.is_valid()
    for name, value in theirs.items():
        if name in form.fields and name != "version" and form.cleaned_data.get(name) != value:
            again.add_error(name, f"Somebody else saved “{value}” here meanwhile. Save again to keep yours.")
    if not again.errors:
        again.add_error(None, "Somebody else saved this meanwhile. Save again to keep yours.")
    return again


@require_POST
@members_only(policies.edits_interviews)
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Save one answer: as JSON while it is typed, as a form without scripts."""
    found = get_object_or_404(rows.answers(request.membership), pk=pk)
    as_json = "application/json" in request.headers.get("Accept", "")
    form = AnswerForm(request.POST)
    if not form.is_valid():
        if as_json:
            return JsonResponse({"errors": form.errors}, status=422)
        messages.error(request, " ".join(str(words) for group in form.errors.values() for words in group))
        return redirect(found.interview)
    text = form.cleaned_data["text"]
    try:
        saved = services.answer_save(
            answer=found, text=text, version=form.cleaned_data["version"], actor=request.membership
        )
    except ConflictError:
        return _conflict(request, found, text, as_json=as_json)
    if as_json:
        return JsonResponse({"version": saved.version, "saved_at": timezone.now().isoformat()})
    messages.success(request, f"Saved the answer to question {found.question.position}.")
    return redirect(f"{found.interview.get_absolute_url()}#answer-{found.pk}")


def _conflict(request: MemberRequest, found: Answer, mine: str, *, as_json: bool) -> HttpResponse:
    theirs = rows.answer_now(found)
    by = str(theirs.updated_by.user) if theirs.updated_by else "Somebody else"
    at = theirs.updated_at.isoformat()
    if as_json:
        answered = {"version": theirs.version, "fields": {"text": theirs.text}, "by": by, "at": at}
        return JsonResponse(answered, status=409)
    conflict = {"answer": theirs.pk, "mine": mine, "by": by, "at": theirs.updated_at}
    return render(request, "interviews/interview.html", _page(request, found.interview, conflict), status=409)
