"""Versions next to each other."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors
from buying_process.forms import CompareForm
from core.http import render_page


@require_GET
@members_only(policies.reads_process)
def version_compare(request: MemberRequest) -> HttpResponse:
    """Show two to four versions side by side, and what differs from the first."""
    form = CompareForm(request.GET or None, versions=selectors.comparable(request.membership))
    chosen = form.chosen() if form.is_bound and form.is_valid() else []
    context = {
        "form": form,
        "sides": selectors.side_by_side(chosen) if chosen else None,
        "several": len(chosen) > 2,  # noqa: PLR2004  more than a pair
    }
    return render_page(
        request, "buying_process/compare.html", context, status=422 if form.is_bound and form.errors else 200
    )
