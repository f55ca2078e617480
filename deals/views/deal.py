"""A deal's own page, the part of it that keeps itself true, and how its number is made."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from deals.choices import WORD_WEIGHT
from deals.models import Deal
from deals.policies import may_log
from deals.selectors.explained import explained_of
from deals.selectors.history import last_move_of
from deals.selectors.page import page_of, seen_of, stored_page_of
from deals.selectors.spoilt import unless_spoilt
from deals.views.answers import deal_of

EVENTS_SHOWN = 12  # a deal may have hundreds


def _head_of(deal: Deal) -> str:
    """Say as which a page has seen the deal in its head: how it ended, and the process, by which more may be done."""
    return f"{deal.outcome}.{deal.version_id or 0}"


def _context(request: MemberRequest, deal: Deal) -> dict[str, object]:
    computed = unless_spoilt(deal, lambda: page_of(deal))
    page = computed or stored_page_of(deal)  # *Retry* and what was logged stay in reach
    whole = request.GET.get("history") == "all"
    return {
        "deal": deal,
        "head": _head_of(deal),
        "page": page,
        "computed": computed is not None,
        "events": page.events if whole else page.events[:EVENTS_SHOWN],
        "last_move": last_move_of(page.events),
        "whole_history": whole and len(page.events) > EVENTS_SHOWN,
        "may_log": may_log(request.membership, deal),
        "given_up": deal.alignment.is_given_up,
    }


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
    if request.GET.get("seen") == seen_of(deal.alignment):
        return HttpResponse(status=204)
    context = _context(request, deal)
    context["head_changed"] = request.GET.get("head", context["head"]) != context["head"]
    return render_page(request, "deals/deal.html", context, fragment="changed")


@require_GET
@members_only(policies.works_on_deals)
def explained(request: MemberRequest, deal_id: int) -> HttpResponse:
    """Say how this deal's number is made, in its own figures."""
    deal = deal_of(request, deal_id)
    page = unless_spoilt(deal, lambda: explained_of(deal))
    if page is None:
        return redirect(deal)  # which says what went wrong
    context = {"deal": deal, "page": page, "weights": WORD_WEIGHT, "given_up": deal.alignment.is_given_up}
    return render(request, "deals/explained.html", context)
