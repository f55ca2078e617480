"""Codes change places, become one, are parted."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.forms import show_errors
from core.http import go_to, with_toast
from interviews import policies, services
from interviews.forms import DropForm, MergeForm, ParentForm, SplitForm
from interviews.models import Code
from interviews.selectors import code_trees, codes, merges_of


def _found(request: MemberRequest, pk: int) -> Code:
    return get_object_or_404(codes(request.membership).select_related("parent"), pk=pk)


def _form(request: MemberRequest, name: str, code: Code, form: ParentForm | MergeForm | SplitForm) -> HttpResponse:
    """Show a form about a code: in the dialog, or on a page of its own."""
    template = f"interviews/code_{name}_dialog.html" if request.htmx else f"interviews/code_{name}.html"
    return render(request, template, {"form": form, "code": code}, status=422 if form.is_bound else 200)


@members_only(policies.edits_interviews)
def move(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask which code it belongs under."""
    code = _found(request, pk)
    form = ParentForm(request.POST or None, code=code)
    if request.method == "POST" and form.is_valid():
        try:
            services.code_move(code=code, parent=form.cleaned_data["parent"], actor=request.membership)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "Moved.")
            return go_to(request, code.get_absolute_url())
    return _form(request, "move", code, form)


@require_POST
@members_only(policies.edits_interviews)
def drop(request: MemberRequest) -> HttpResponse:
    """Move a code that was dragged, and give the trees as they are now."""
    form = DropForm(request.POST)
    if not form.is_valid():
        raise ApplicationError("Load the page again, then move the code once more.")
    code = _found(request, form.cleaned_data["item"])
    under = form.cleaned_data["list"]
    parent = _found(request, under) if under else None
    services.code_move(code=code, parent=parent, actor=request.membership)
    words = f"“{code.name}” belongs under “{parent.name}” now." if parent else f"“{code.name}” stands by itself now."
    if not request.htmx:
        messages.success(request, words)
        return redirect("interviews:codes")
    asked = {
        "kind": request.POST.get("kind", ""),
        "query": request.POST.get("q", ""),
        "job": request.POST.get("job", ""),
    }
    response = render(request, "interviews/codes.html#trees", {"trees": code_trees(**asked), "may_edit": True})
    return with_toast(response, words)


@members_only(policies.edits_interviews)
def merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask which code takes over what this one has, and merge them."""
    code = _found(request, pk)
    form = MergeForm(request.POST or None, code=code)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            services.code_merge(code=code, into=into, actor=request.membership)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"“{code.name}” is part of “{into.name}” now. You can undo that on this page.")
            return go_to(request, into.get_absolute_url())
    return _form(request, "merge", code, form)


@require_POST
@members_only(policies.edits_interviews)
def merge_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Part two codes that became one."""
    found = merges_of(request.membership).filter(pk=pk).first()
    if found is None:
        raise Http404
    back = services.code_merge_undo(merge=found, actor=request.membership)
    messages.success(request, f"“{back.name}” is a code of its own again.")
    return go_to(request, back.get_absolute_url())


@members_only(policies.edits_interviews)
def split(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask which passages a new code takes, and make it."""
    code = _found(request, pk)
    form = SplitForm(request.POST or None, code=code)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.code_split(code=code, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"“{made.name}” took its passages from “{code.name}”.")
            return go_to(request, reverse("interviews:code", args=[made.pk]))
    context = {"form": form, "code": code, "chosen": form.chosen()}
    return render(request, "interviews/code_split.html", context, status=422 if form.is_bound else 200)
