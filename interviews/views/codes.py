"""The codebook, and each code with its quotes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError, ForbiddenError
from core.forms import show_errors
from core.http import go_to, render_page
from interviews import policies, services
from interviews.forms import CodeForm, CodeListForm
from interviews.selectors import code_rows, code_trees, codes, kind_counts, merges_of, path_to, quotes_of_code

PAGE = 50


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
    asked = {name: filters.cleaned_data.get(name, "") for name in ("kind", "query", "job")}
    asked["query"] = filters.cleaned_data.get("q", "")
    context: dict[str, Any] = {
        "filters": filters,
        "kinds": kind_counts(asked["query"], asked["job"]),
        "form": form,
        "may_edit": may_edit,
        **asked,
    }
    if filters.cleaned_data.get("sort") == "told":
        rows = code_rows(sort="told", **asked)
        context["page"] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    else:
        context["trees"] = code_trees(**asked)
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
        show_errors(form, error)
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
    found = get_object_or_404(codes(request.membership), pk=pk)
    may_edit = policies.edits_interviews(request.membership)
    shown = str(found)
    form = CodeForm(request.POST or None, instance=found) if may_edit else None
    if request.method == "POST" and _code_saved(request, pk, form):
        messages.success(request, "Saved.")
        return go_to(request, found.get_absolute_url())
    context = {
        "code": found,
        "shown": shown,
        "above": path_to(found),
        "below": codes(request.membership).filter(parent=found),
        "merges": merges_of(request.membership, found) if may_edit else (),
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
    stands = codes(request.membership).get(pk=pk)
    try:
        services.code_update(code=stands, actor=request.membership, **form.cleaned_data)
    except ApplicationError as error:
        show_errors(form, error)
        return False
    return True
