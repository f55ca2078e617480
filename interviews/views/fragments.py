"""Parts of other pages: what waits on Today, and what the search finds."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import policies as people
from accounts.access import MemberRequest, members_only
from interviews import policies
from interviews.selectors import code_rows, found_interviews, waiting

MOST_FOUND = 6
SHORTEST_QUERY = 2


@require_GET
@members_only(people.is_member)
def today(request: MemberRequest) -> HttpResponse:
    """Say what waits for a designer; nothing for anybody else."""
    if not policies.edits_interviews(request.membership):
        return HttpResponse()
    return render(request, "interviews/fragments/today.html", {"waiting": waiting(request.membership)})


@require_GET
@members_only(people.is_member)
def search(request: MemberRequest) -> HttpResponse:
    """Give interviews and codes with the words of `?q=`; nothing for those who may not read them."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if len(query) < SHORTEST_QUERY or not policies.reads_interviews(request.membership):
        return HttpResponse()
    context = {
        "interviews": found_interviews(request.membership, query).select_related("segment")[:MOST_FOUND],
        "codes": code_rows(query=query, sort="told")[:MOST_FOUND],
    }
    return render(request, "interviews/fragments/search.html", context)
