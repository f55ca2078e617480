"""Guides: their questions, and which version how many interviews use."""

from collections.abc import Sequence

from django.contrib import messages
from django.forms import BaseFormSet, formset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ForbiddenError
from core.identifiers import LONGEST_ID
from interviews import policies, services
from interviews.choices import Job
from interviews.forms import GuideForm, QuestionForm
from interviews.models import Guide
from interviews.selectors import guide_rows
from interviews.selectors.rows import guide_versions, guides

ACTIONS = ("add", "up", "down", "drop")


@members_only(policies.reads_interviews)
def guide_list(request: MemberRequest) -> HttpResponse:
    """Show the guides with their versions; for designers, make one."""
    may_edit = policies.edits_interviews(request.membership)
    form = GuideForm(request.POST or None) if may_edit else None
    if request.method == "POST":
        if form is None:
            raise ForbiddenError("Your role may read the guides, not change them.")
        if "starter" in request.POST:
            return redirect(services.guide_ensure_default(actor=request.membership).guide)
        if form.is_valid():
            first = services.QuestionInput(text="How did it begin?", job=Job.RECOGNISE)
            try:
                made = services.guide_create(
                    title=form.cleaned_data["title"],
                    introduction=form.cleaned_data["introduction"],
                    questions=[first],
                    actor=request.membership,
                )
            except ApplicationError as error:
                form.add_error("title", error.message)
            else:
                return redirect(made.guide)
    status = 422 if form is not None and form.is_bound else 200
    context = {"guides": guide_rows(), "form": form, "may_edit": may_edit}
    return render(request, "interviews/guides.html", context, status=status)


QuestionFormSet = formset_factory(QuestionForm, extra=0, max_num=20, validate_max=True, absolute_max=40)


@members_only(policies.edits_interviews)
def guide(request: MemberRequest, pk: int) -> HttpResponse:
    """Edit a guide: words, order, more or fewer questions. A version in use is kept, the edit is the next one."""
    found = get_object_or_404(guides(request.membership), pk=pk)
    latest = found.versions.latest("number")
    if request.method == "POST":
        action = next((name for name in ACTIONS if name in request.POST), "")
        if action:
            forms = _rearranged(request, action)
            form = GuideForm(request.POST)
        else:
            forms, form = QuestionFormSet(request.POST), GuideForm(request.POST)
            if form.is_valid() and forms.is_valid():
                saved = _save(request, found, form, [row.cleaned_data for row in forms])
                if saved is not None:
                    return saved
    else:
        forms = QuestionFormSet(initial=list(latest.questions.values("text", "prompts", "job")))
        form = GuideForm(initial={"title": found.title, "introduction": latest.introduction, "based_on": latest.number})
    context = {
        "guide": found,
        "latest": latest,
        "used_by": latest.interviews.count(),
        "form": form,
        "questions": forms,
    }
    bad = form.is_bound and (form.errors or any(forms.errors) if forms.is_bound else False)
    return render(request, "interviews/guide.html", context, status=422 if bad else 200)


def _rearranged(request: MemberRequest, action: str) -> "BaseFormSet[QuestionForm]":
    """Give the formset with a question added, moved or dropped, nothing saved yet."""
    rows = QuestionFormSet(request.POST)
    values = [{name: row[name].value() or "" for name in ("text", "prompts", "job")} for row in rows.forms]
    told = request.POST[action]
    at = int(told) if told.isdecimal() and len(told) <= LONGEST_ID else -1
    if action == "add":
        values.append({"text": "", "prompts": "", "job": Job.RECOGNISE})
    elif not 0 <= at < len(values):
        pass
    elif action == "drop" and len(values) > 1:
        values.pop(at)
    elif action in {"up", "down"}:
        to = min(max(at + (1 if action == "down" else -1), 0), len(values) - 1)
        values.insert(to, values.pop(at))
    return QuestionFormSet(initial=values)


def _save(request: MemberRequest, found: Guide, form: GuideForm, rows: Sequence[dict[str, str]]) -> HttpResponse | None:
    questions = [
        services.QuestionInput(text=row["text"], job=row["job"], prompts=row["prompts"].replace("\r\n", "\n"))
        for row in rows
    ]
    data = form.cleaned_data
    try:
        version = services.guide_save(
            guide=found,
            based_on=data["based_on"] or 0,
            title=data["title"],
            introduction=data["introduction"].replace("\r\n", "\n"),
            questions=questions,
            actor=request.membership,
        )
    except ApplicationError as error:
        form.add_error(None, error.message)
        return None
    messages.success(request, f"Saved as version {version.number}.")
    return redirect("interviews:guides")


@require_GET
@members_only(policies.reads_interviews)
def version(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Show one version of a guide, as interviews use it."""
    found = get_object_or_404(guide_versions(request.membership), guide=pk, number=number)
    context = {
        "version": found,
        "questions": found.questions.all(),
        "used_by": found.interviews.count(),
        "may_edit": policies.edits_interviews(request.membership),
    }
    return render(request, "interviews/guide_version.html", context)
