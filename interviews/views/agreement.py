"""How alike people code what they have both read, and the passages in which they differ."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.http import render_page, with_toast
from interviews import policies, services
from interviews.forms import AgreementForm, SettleForm
from interviews.selectors import agreement_view, differences, rows, settled

PAGE = 10


@require_GET
@members_only(policies.reads_interviews)
def page(request: MemberRequest) -> HttpResponse:
    """Show how alike each code is used."""
    form = AgreementForm(request.GET, membership=request.membership)
    interview = form.chosen()
    sort = form.cleaned_data.get("sort", "")
    context = {
        "form": form,
        "interview_id": interview,
        "view": agreement_view(request.membership, interview=interview, sort=sort),
        "open_count": len(differences(request.membership, interview=interview)),
        "may_edit": policies.edits_interviews(request.membership),
    }
    return render_page(request, "interviews/agreement.html", context, fragment="figures")


def _differences(request: MemberRequest) -> dict[str, Any]:
    form = AgreementForm(request.GET, membership=request.membership)
    interview = form.chosen()
    found = differences(request.membership, interview=interview)
    return {
        "form": form,
        "interview_id": interview,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "settled": settled(request.membership, interview=interview),
        "may_edit": policies.edits_interviews(request.membership),
    }


@require_GET
@members_only(policies.reads_interviews)
def difference_list(request: MemberRequest) -> HttpResponse:
    """Show the passages in which coders differ, and those that were settled."""
    return render_page(request, "interviews/differences.html", _differences(request), fragment="differences")


def _shown_again(request: MemberRequest, message: str, undo_url: str = "", *, level: str = "success") -> HttpResponse:
    """Give the passages that are left, with a toast to undo."""
    if not request.htmx:
        messages.add_message(request, messages.WARNING if level == "warning" else messages.SUCCESS, message)
        return redirect(f"{reverse('interviews:differences')}?{request.GET.urlencode()}")
    response = render(request, "interviews/differences.html#differences", _differences(request))
    return with_toast(response, message, level=level, undo_url=undo_url, undo_target="#differences")


@require_POST
@members_only(policies.edits_interviews)
def settle(request: MemberRequest, pk: int) -> HttpResponse:
    """Settle a passage: one person's coding, or all of it."""
    answer = get_object_or_404(rows.answers(request.membership), pk=pk)
    form = SettleForm(request.POST, membership=request.membership)
    if not form.is_valid():
        raise ApplicationError("Choose a passage of the list, and whose coding is taken.")
    data = form.cleaned_data
    try:
        ruling = services.ruling_make(answer=answer, actor=request.membership, **data)
    except ApplicationError as error:
        return _shown_again(request, error.message, level="warning")
    words = f"Taken: the coding of {data['chosen'].user}." if data["chosen"] else "All of it is kept."
    undo = reverse("interviews:ruling_undo", args=[ruling.pk])
    return _shown_again(request, words, f"{undo}?{request.GET.urlencode()}")


@require_POST
@members_only(policies.edits_interviews)
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a settled passage again."""
    ruling = get_object_or_404(rows.rulings(request.membership), pk=pk)
    services.ruling_undo(ruling=ruling, actor=request.membership)
    return _shown_again(request, "Open again.")
