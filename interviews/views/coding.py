"""The coding page: words get codes, the machine's suggestions get an answer."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ConflictError
from core.http import render_page, with_toast
from interviews import policies, services
from interviews.choices import Kind
from interviews.forms import ExcerptForm, OtherCodeForm
from interviews.models import Answer, Code, Excerpt, Interview, Suggestion
from interviews.selectors import (
    answer_view,
    answer_views,
    code_options,
    decision_record,
    excerpts_as_told,
    latest_decisions,
    moment_views,
    next_waiting,
    open_suggestion_count,
    rows,
    suggestion_job,
)

ALONE = "codes_alone"  # of the session: the person sees no codes but their own


def _context(request: MemberRequest, interview: Interview) -> dict[str, Any]:
    may_edit = policies.edits_interviews(request.membership)
    alone = may_edit and bool(request.session.get(ALONE))
    activities = [] if alone else [row for row in excerpts_as_told(interview) if row.code.kind == Kind.ACTIVITY]
    return {
        "interview": interview,
        "suggestion_count": open_suggestion_count(interview),
        "moments": [] if alone else moment_views(interview),
        "told": activities,
        "may_edit": may_edit,
        "alone": alone,
        "record": decision_record(),
        "decisions": latest_decisions(interview, request.membership) if may_edit else [],
        "next_interview": next_waiting(interview, request.membership) if may_edit else None,
        "kinds": Kind.choices,
    }


@require_GET
@members_only(policies.reads_interviews)
def page(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the answers with what is coded; `?part=status` is asked for while suggestions are looked for."""
    found = get_object_or_404(rows.interviews(request.membership), pk=pk)
    if request.GET.get("part") == "status" and request.htmx:
        return _status(request, found)
    context = _context(request, found)
    context |= {
        "answers": answer_views(found, request.membership, alone=context["alone"]),
        "job": suggestion_job(found),
        "codes": rows.all_codes().values_list("name", flat=True) if context["may_edit"] else [],
    }
    return render_page(request, "interviews/coding.html", context, fragment="answers")


def _status(request: MemberRequest, found: Interview) -> HttpResponse:
    """Say how the search stands. Once it has ended the trigger is left out, and the answers are told to load."""
    job = suggestion_job(found)
    context = {"interview": found, "job": job, "suggestion_count": open_suggestion_count(found), "asked": True}
    response = render(request, "interviews/coding.html#status", context)
    return response if job else trigger_client_event(response, "suggestions-ready", {})


@require_POST
@members_only(policies.edits_interviews)
def suggest(request: MemberRequest, pk: int) -> HttpResponse:
    """Have suggestions looked for."""
    found = get_object_or_404(rows.interviews(request.membership), pk=pk)
    job = services.suggest_start(interview=found, actor=request.membership)
    if request.htmx:
        context = {"interview": found, "job": job, "suggestion_count": open_suggestion_count(found)}
        return render(request, "interviews/coding.html#status", context)
    messages.info(request, "Looking for suggestions. Load the page again in a moment to see them.")
    return redirect("interviews:coding", pk=pk)


def _answered(
    request: MemberRequest, answer: Answer, message: str, undo_url: str = "", *, level: str = "success"
) -> HttpResponse:
    """Give the answer as it is coded now, with the counts and the story beside it, and a toast to undo."""
    if not request.htmx:
        messages.add_message(request, messages.WARNING if level == "warning" else messages.SUCCESS, message)
        return redirect(f"{reverse('interviews:coding', args=[answer.interview_id])}#coded-{answer.pk}")
    context = _context(request, answer.interview)
    view = answer_view(answer, request.membership, alone=context["alone"])
    response = render(request, "interviews/coding_answer.html", context | {"view": view, "out_of_band": True})
    return with_toast(response, message, level=level, undo_url=undo_url, undo_target=f"#coded-{answer.pk}")


def _refused(request: MemberRequest, answer: Answer, form: ExcerptForm) -> HttpResponse:
    words = " ".join(str(text) for group in form.errors.values() for text in group)
    if request.htmx:
        raise ApplicationError(words)
    messages.error(request, words)
    return redirect("interviews:coding", pk=answer.interview_id)


def _code(request: MemberRequest, form: ExcerptForm, job: str) -> Code | None:
    """Give the code chosen, or make the one that was named."""
    data = form.cleaned_data
    if data["code"] is not None or not data["name"]:
        chosen: Code | None = data["code"]
        return chosen
    job = job if data["kind"] == Kind.ACTIVITY else ""
    return services.code_find_or_create(actor=request.membership, kind=data["kind"], name=data["name"], job=job)


@require_POST
@members_only(policies.edits_interviews)
def excerpt_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Give selected words a code."""
    answer = get_object_or_404(rows.answers(request.membership), pk=pk)
    form = ExcerptForm(request.POST)
    if not form.is_valid():
        return _refused(request, answer, form)
    data = form.cleaned_data
    with transaction.atomic():
        code = _code(request, form, answer.question.job)
        assert code is not None  # noqa: S101  the form asks for one
        excerpt = services.excerpt_add(
            answer=answer,
            code=code,
            start=data["start"],
            end=data["end"],
            version=data["version"],
            actor=request.membership,
        )
    undo = reverse("interviews:excerpt_undo", args=[excerpt.pk])
    return _answered(request, answer, f"Coded: {code.name}.", undo)


def _excerpt(request: MemberRequest, pk: int) -> Excerpt:
    return get_object_or_404(rows.excerpts(request.membership), pk=pk)


@require_POST
@members_only(policies.edits_interviews)
def excerpt_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a code off its words."""
    found = _excerpt(request, pk)
    token = services.excerpt_remove(excerpt=found, actor=request.membership)
    undo = reverse("interviews:excerpt_restore", args=[token])
    return _answered(request, found.answer, f"Removed: {found.code.name}.", undo)


@require_POST
@members_only(policies.edits_interviews)
def excerpt_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo that words got a code."""
    found = _excerpt(request, pk)
    services.excerpt_undo(excerpt=found, actor=request.membership)
    return _answered(request, found.answer, f"Undone: {found.code.name}.")


@require_POST
@members_only(policies.edits_interviews)
def excerpt_restore(request: MemberRequest, token: str) -> HttpResponse:
    """Undo a removal."""
    restored = services.excerpt_restore(token=token, actor=request.membership)
    return _answered(request, restored.answer, "Put back.")


def _suggestion(request: MemberRequest, pk: int) -> Suggestion:
    return get_object_or_404(rows.suggestions(request.membership), pk=pk)


@require_POST
@members_only(policies.edits_interviews)
def suggestion_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept a suggestion, or give its sentence another code."""
    found = _suggestion(request, pk)
    form = OtherCodeForm(request.POST)
    if not form.is_valid():
        return _refused(request, found.answer, form)
    with transaction.atomic():
        code = _code(request, form, found.answer.question.job)
        excerpt = services.suggestion_accept(suggestion=found, actor=request.membership, code=code)
    found.refresh_from_db(fields=["decided_by"])
    if found.decided_by_id == request.membership.pk:
        undo = reverse("interviews:suggestion_reopen", args=[found.pk])
    else:  # somebody decided it first: what is undone is this person's own coding
        undo = reverse("interviews:excerpt_undo", args=[excerpt.pk])
    return _answered(request, found.answer, f"Accepted: {excerpt.code.name}.", undo)


@require_POST
@members_only(policies.edits_interviews)
def suggestion_refuse(request: MemberRequest, pk: int) -> HttpResponse:
    """Refuse a suggestion; it is not offered for this sentence again."""
    found = _suggestion(request, pk)
    try:
        services.suggestion_refuse(suggestion=found, actor=request.membership)
    except ConflictError as error:
        return _answered(request, found.answer, error.message, level="warning")
    undo = reverse("interviews:suggestion_reopen", args=[found.pk])
    return _answered(request, found.answer, f"Refused: {found.code.name}.", undo)


@require_POST
@members_only(policies.edits_interviews)
def suggestion_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo a decision."""
    found = _suggestion(request, pk)
    services.suggestion_reopen(suggestion=found, actor=request.membership)
    return _answered(request, found.answer, f"Undone: {found.code.name}.")


@require_POST
@members_only(policies.edits_interviews)
def read(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that one has read an answer for all their codes, or take that back."""
    answer = get_object_or_404(rows.answers(request.membership), pk=pk)
    number = answer.question.position
    if request.POST.get("read") == "0":
        services.reading_unmark(answer=answer, actor=request.membership)
        return _answered(request, answer, f"Answer {number} is to be read again.")
    services.reading_mark(answer=answer, actor=request.membership, alone=bool(request.session.get(ALONE)))
    return _answered(request, answer, f"You have read answer {number}.")


@require_POST
@members_only(policies.edits_interviews)
def alone(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one's own codes only, or everybody's, here and in other interviews."""
    found = get_object_or_404(rows.interviews(request.membership), pk=pk)
    request.session[ALONE] = request.POST.get("alone") == "1"
    return redirect("interviews:coding", pk=found.pk)


@require_GET
@members_only(policies.reads_interviews)
def options(request: MemberRequest) -> HttpResponse:
    """Give codes for a field that completes what is typed."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    return JsonResponse({"results": code_options(query, kind=request.GET.get("kind", ""))})
