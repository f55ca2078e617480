"""What other pages load from this room."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors

LONGEST_QUERY = 100


@require_GET
@members_only(policies.reads_process)
def today(request: MemberRequest) -> HttpResponse:
    """Show drafts that wait and interviews that no derivation has read; to readers, the versions in use."""
    shapes = policies.shapes_process(request.membership)
    context = {
        "waiting": selectors.waiting(request.membership) if shapes else None,
        "in_use": None if shapes else selectors.versions_in_use(),
    }
    return render(request, "buying_process/today.html", context)


@require_GET
@members_only(policies.reads_process)
def search(request: MemberRequest) -> HttpResponse:
    """Find processes, stages and activities by name."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    found = selectors.found(request.membership, query) if query else []
    return render(request, "buying_process/search.html", {"found": found})
