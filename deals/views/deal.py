"""A deal's own page, the part of it that keeps itself true, and how its number is made."""

import structlog
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from deals.choices import MAX_ATTEMPTS, WORD_WEIGHT
from deals.models import Deal
from deals.policies import may_log
from deals.selectors.explained import explained_of
from deals.selectors.page import DealPage, StoredPage, page_of, stored_page_of
from deals.views.answers import deal_of

log = structlog.get_logger(__name__)


def _context(request: MemberRequest, deal: Deal) -> dict[str, object]:
    page: DealPage | StoredPage
    try:
        page = page_of(deal)
    except Exception:
        if not deal.alignment.error:
            raise
        # what keeps the workers from a score may keep us from its reasons: *Retry* and what was logged stay in reach
        log.warning("deal_page_without_numbers", deal_id=deal.pk, exc_info=True)
        page = stored_page_of(deal)
    return {
        "deal": deal,
        "page": page,
        "computed": isinstance(page, DealPage),
        "may_log": may_log(request.membership, deal),
        "given_up": _given_up(deal),
    }


def _given_up(deal: Deal) -> bool:
    row = deal.alignment
    return row.scored_version < row.inputs_version and row.attempts >= MAX_ATTEMPTS


@require_GET
@members_only(policies.works_on_deals)
def detail(request: MemberRequest, deal_id: int) -> HttpResponse:
    """Show where they probably are, where we are, and what would help."""
    return render(request, "deals/deal.html", _context(request, deal_of(request, deal_id)))


@require_GET
@members_only(policies.works_on_deals)
def state(request: MemberRequest, deal_id: int) -> HttpResponse:
    """Give the changing part of the page; nothing (204) to a page that has seen it as it is."""
    deal = deal_of(request, deal_id)
    row = deal.alignment
    if request.GET.get("seen") == f"{row.inputs_version}.{row.scored_version}.{row.attempts >= MAX_ATTEMPTS}":
        return HttpResponse(status=204)
    return render_page(request, "deals/deal.html", _context(request, deal), fragment="state")


@require_GET
@members_only(policies.works_on_deals)
def explained(request: MemberRequest, deal_id: int) -> HttpResponse:
    """Say how this deal's number is made, in its own figures."""
    deal = deal_of(request, deal_id)
    try:
        page = explained_of(deal)
    except Exception:
        if not deal.alignment.error:
            raise
        log.warning("score_not_explained", deal_id=deal.pk, exc_info=True)
        return redirect(deal)  # which says what went wrong
    context = {"deal": deal, "page": page, "weights": WORD_WEIGHT, "given_up": _given_up(deal)}
    return render(request, "deals/explained.html", context)
