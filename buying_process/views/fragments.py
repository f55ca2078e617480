"""What other pages load from this room."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from core.http import render_page
from core.identifiers import number_of
from interviews.selectors.rows import segments

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


@require_http_methods(["GET", "POST"])
@members_only(policies.reads_interviews)
def stages_held(request: MemberRequest) -> HttpResponse:
    """Say which stages hold with other customers, and have it worked out; a page of its own without scripts."""
    asked = request.GET.get("segment", "")
    segment = get_object_or_404(segments(request.membership), pk=number_of(asked)) if asked else None
    segment_id = segment.pk if segment else None
    held = selectors.stages_held(request.membership, segment=segment_id)
    if request.method == "POST":
        if held and not held.current:
            services.holding_start(version=held.version, inputs=held.inputs, actor=request.membership)
        if not request.htmx:
            return redirect(request.get_full_path())
        held = selectors.stages_held(request.membership, segment=segment_id)
    context = {"held": held, "segment": segment, "shapes": policies.shapes_process(request.membership)}
    return render_page(request, "buying_process/stages_held.html", context, fragment="held")
