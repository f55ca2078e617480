"""The codebook, each code with its quotes, and the segments."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ForbiddenError
from core.http import go_to, render_page
from interviews import policies, services
from interviews.forms import CodeForm, CodeListForm, SegmentForm
from interviews.models import Code, Segment
from interviews.selectors import code_rows, kind_counts, quotes_of_code

PAGE = 50


def _show_errors(form: CodeForm | SegmentForm, error: ApplicationError) -> None:
    for name, found in (error.fields or {"": [error.message]}).items():
        form.add_error(name if name in form.fields else None, found)


@members_only(policies.reads_interviews)
def code_list(request: MemberRequest) -> HttpResponse:
    """Show the codebook; for designers, add a code."""
    may_edit = policies.edits_interviews(request.membership)
    form = CodeForm(request.POST or None, initial={"kind": request.GET.get("kind", "")}) if may_edit else None
    if request.method == "POST":
        saved = _code_added(request, form)
        if saved is not None:
            return saved
    filters = CodeListForm(request.GET)
    filters.is_valid()
    query, kind = filters.cleaned_data.get("q", ""), filters.cleaned_data.get("kind", "")
    rows = code_rows(kind=kind, query=query, sort=filters.cleaned_data.get("sort", ""))
    context = {
        "filters": filters,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "kinds": kind_counts(query),
        "kind": kind,
        "query": query,
        "form": form,
        "may_edit": may_edit,
    }
    bad = form is not None and form.is_bound
    return render_page(request, "interviews/codes.html", context, fragment="rows", status=422 if bad else 200)


def _code_added(request: MemberRequest, form: CodeForm | None) -> HttpResponse | None:
    """Make the code that the form describes; None where something is to be put right."""
    if form is None:
        raise ForbiddenError("Your role may read the codebook, not change it.")
    if not form.is_valid():
        return None
    try:
        code = services.code_create(actor=request.membership, **form.cleaned_data)
    except ApplicationError as error:
        _show_errors(form, error)
        return None
    messages.success(request, f"Added the code “{code.name}”.")
    return redirect(code)


@require_POST
@members_only(policies.edits_interviews)
def starter(request: MemberRequest) -> HttpResponse:
    """Add the codebook to begin with."""
    added = services.starter_codebook_add(actor=request.membership)
    messages.success(request, f"Added {added} codes." if added else "All of them are there already.")
    return redirect("interviews:codes")


@members_only(policies.reads_interviews)
def code(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a code with everything that was said of it; for designers, edit it."""
    found = get_object_or_404(Code.objects.visible_to(request.membership), pk=pk)
    may_edit = policies.edits_interviews(request.membership)
    shown = str(found)
    form = CodeForm(request.POST or None, instance=found) if may_edit else None
    if request.method == "POST" and _code_saved(request, pk, form):
        messages.success(request, "Saved.")
        return go_to(request, found.get_absolute_url())
    context = {
        "code": found,
        "shown": shown,
        "page": Paginator(quotes_of_code(found), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "may_edit": may_edit,
    }
    bad = form is not None and form.is_bound
    return render_page(request, "interviews/code.html", context, fragment="quotes", status=422 if bad else 200)


def _code_saved(request: MemberRequest, pk: int, form: CodeForm | None) -> bool:
    if form is None:
        raise ForbiddenError("Your role may read the codebook, not change it.")
    if not form.is_valid():
        return False
    # the form wrote into its own copy, the service compares with what stands
    stands = Code.objects.get(pk=pk)
    try:
        services.code_update(code=stands, actor=request.membership, **form.cleaned_data)
    except ApplicationError as error:
        _show_errors(form, error)
        return False
    return True


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
                _show_errors(form, error)
            else:
                messages.success(request, f"Added the segment “{made.name}”.")
                return redirect("interviews:segments")
    rows = Segment.objects.visible_to(request.membership).annotate(told_by=Count("interviews")).order_by("name")
    bad = form is not None and form.is_bound
    context = {"segments": rows, "form": form, "may_edit": may_edit}
    return render(request, "interviews/segments.html", context, status=422 if bad else 200)


@members_only(policies.edits_interviews)
def segment(request: MemberRequest, pk: int) -> HttpResponse:
    """Rename or describe a segment."""
    found = get_object_or_404(Segment.objects.visible_to(request.membership), pk=pk)
    shown = found.name
    form = SegmentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            stands = Segment.objects.get(pk=pk)
            services.segment_update(segment=stands, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            _show_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("interviews:segments")
    context = {"segment": found, "shown": shown, "form": form}
    return render(request, "interviews/segment.html", context, status=422 if form.is_bound else 200)
