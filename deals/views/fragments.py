"""What other pages load from this room."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from deals.selectors.today import (
    DELAY_SECONDS,
    count_given_up,
    deals_found,
    deals_that_wait,
    has_open_deals,
    seconds_behind,
)

LONGEST_QUERY = 100


@require_GET
@members_only(policies.works_on_deals)
def today(request: MemberRequest) -> HttpResponse:
    """Show the deals that need something now, each with the next best help."""
    waiting, failed = deals_that_wait(request.membership), count_given_up(request.membership)
    in_line = not waiting and not failed and has_open_deals(request.membership)
    return render(request, "deals/today.html", {"waiting": waiting, "failed": failed, "in_line": in_line})


@require_GET
@members_only(policies.works_on_deals)
def search(request: MemberRequest) -> HttpResponse:
    """Find deals by name, account or external id."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    return render(request, "deals/search.html", {"found": deals_found(request.membership, query) if query else []})


@require_GET
@members_only(policies.is_member)
def delay(request: MemberRequest) -> HttpResponse:
    """Say that scores are delayed where the oldest waits for over a minute; otherwise say nothing."""
    behind = seconds_behind()
    return render(request, "deals/delay.html", {"minutes": behind // 60 if behind > DELAY_SECONDS else 0})
