"""Look through a file: whose words count, which passage answers what; then make the interview."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.forms import show_errors
from core.http import render_page
from interviews import policies
from interviews.choices import SourceState
from interviews.forms import InterviewForm, PassageForm, SpeakersForm
from interviews.models import Source
from interviews.selectors import passages_of, passages_shown, question_counts, rows
from interviews.services import intake as services
from interviews.views.surveys import survey_page

A_PAGE = 100
READABLE = {SourceState.SORTED, SourceState.DONE}


def _found(request: MemberRequest, pk: int) -> Source:
    return get_object_or_404(rows.sources(request.membership), pk=pk)


@require_GET
@members_only(policies.reads_interviews)
def source(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a file: to sort its passages, to map its columns, or to read it again."""
    found = _found(request, pk)
    may_edit = policies.edits_interviews(request.membership)
    if hasattr(found, "survey"):
        return survey_page(request, found)
    if found.state not in READABLE or (found.state == SourceState.SORTED and not may_edit):
        return redirect(found.intake if may_edit else reverse("interviews:list"))
    return _page(request, found)


def _page(request: MemberRequest, found: Source, form: InterviewForm | None = None, status: int = 200) -> HttpResponse:
    questions = list(found.intake.guide_version.questions.all())
    show = request.GET.get("show", "")
    page = Paginator(passages_shown(found, show), A_PAGE).get_page(request.GET.get("page"))
    is_open = found.state == SourceState.SORTED and policies.edits_interviews(request.membership)
    context: dict[str, Any] = {
        "source": found,
        "questions": questions,
        "page": page,
        "show": show,
        "counts": question_counts(found, questions),
        "unsure": passages_shown(found, "unsure").count(),
        "is_open": is_open,
        "interview": found.interviews.first() if not is_open else None,
    }
    if is_open:
        context["form"] = form or InterviewForm(initial=_initial(found))
        context["speakers_form"] = SpeakersForm(source=found)
    return render_page(request, "interviews/source.html", context, fragment="passages", status=status)


def _initial(found: Source) -> dict[str, Any]:
    facts, segment = services.source_facts(found)
    return facts | {"segment_name": segment, "weight": 1}


@require_GET
@members_only(policies.reads_interviews)
def said(request: MemberRequest, pk: int) -> HttpResponse:
    """Go to where an excerpt was said in the file that it came from."""
    excerpt = get_object_or_404(rows.excerpts(request.membership), pk=pk)
    passage = passages_of([excerpt]).get(excerpt.pk)
    if passage is None:
        raise Http404
    number = 1 + (passage.position - 1) // A_PAGE
    page = f"?page={number}" if number > 1 else ""
    return redirect(f"{passage.source.get_absolute_url()}{page}#passage-{passage.pk}")


@require_POST
@members_only(policies.edits_interviews)
def passage_move(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a passage under another question, or leave it out."""
    found = get_object_or_404(rows.passages(request.membership), pk=pk)
    questions = list(found.source.intake.guide_version.questions.all())
    form = PassageForm(request.POST, questions=questions)
    if not form.is_valid():
        raise ApplicationError("Choose one of the questions, or leave the passage out.")
    moved = services.passage_move(passage=found, question=form.chosen(), actor=request.membership)
    if not request.htmx:
        return redirect(f"{found.source.get_absolute_url()}#passage-{found.pk}")
    context = {
        "passage": moved,
        "source": found.source,
        "questions": questions,
        "is_open": True,
        "counts": question_counts(found.source, questions),
        "out_of_band": True,
    }
    return render(request, "interviews/passage.html", context)


@require_POST
@members_only(policies.edits_interviews)
def source_speakers(request: MemberRequest, pk: int) -> HttpResponse:
    """Say whose words are answers."""
    found = _found(request, pk)
    form = SpeakersForm(request.POST, source=found)
    try:
        services.source_speakers(source=found, tell=form.chosen(), actor=request.membership)
    except ApplicationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Sorted again.")
    return redirect(found)


@require_POST
@members_only(policies.edits_interviews)
def source_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Make the interview."""
    found = _found(request, pk)
    form = InterviewForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                name = form.cleaned_data["segment_name"]
                segment = services.segment_named(name=name, actor=request.membership)
                made = services.source_confirm(
                    source=found, actor=request.membership, facts=form.facts(), segment=segment
                )
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"{made} is an interview now. Suggestions are being looked for.")
            waiting = found.intake.sources.filter(state=SourceState.SORTED).first()
            return redirect(waiting or made)
    if found.state != SourceState.SORTED:
        messages.error(request, f"{found.name} was confirmed already.")
        return redirect(found)
    return _page(request, found, form, status=422)


@require_POST
@members_only(policies.edits_interviews)
def source_discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget a file; interviews that came of it stay."""
    found = _found(request, pk)
    services.source_discard(source=found, actor=request.membership)
    messages.success(request, f"{found.name} is gone.")
    return redirect(found.intake)
