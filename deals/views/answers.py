"""How the deals' pages find a deal, and answer what was logged on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event
from structlog.contextvars import bind_contextvars

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.exceptions import ForbiddenError
from core.http import render_page, with_toast
from deals.models import Deal
from deals.policies import may_log
from deals.selectors.deals import deal_for

P = ParamSpec("P")
CHANGED = "deal-changed"  # what shows the deal loads itself again


def deal_of(request: MemberRequest, deal_id: int) -> Deal:
    """Give a deal that the member may see, or answer 404."""
    deal = deal_for(request.membership, deal_id)
    if deal is None:
        raise Http404
    bind_contextvars(deal_id=deal.pk)  # for the line that the log keeps of the request
    return deal


def logs_on_deal(
    view: Callable[Concatenate[MemberRequest, Deal, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the deal of the address to a view that writes to it; the address's `deal_id` is used up."""

    @require_http_methods(["GET", "POST"])
    @members_only(policies.works_on_deals)
    @wraps(view)
    def found(request: MemberRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        deal = deal_of(request, kwargs.pop("deal_id"))
        if not may_log(request.membership, deal):
            raise ForbiddenError("You may read this deal, and not change it.")
        return view(request, deal, *args, **kwargs)

    return found


def logged(request: MemberRequest, deal: Deal, message: str, *, undo_url: str = "") -> HttpResponse:
    """Answer what was written: close the dialog, show the deal as it is now, and offer to undo."""
    if not request.htmx:
        messages.success(request, message)
        return redirect(deal)
    response = with_toast(HttpResponse(""), message, undo_url=undo_url)
    return trigger_client_event(trigger_client_event(response, CHANGED, {"deal": deal.pk}), "dialog:close")


def undo_url(fact: Any, kind: str) -> str:
    """Give the address that takes a fact back."""
    return reverse("deals:retract", args=[fact.deal_id, kind, fact.pk])


def asked(request: MemberRequest, template: str, context: dict[str, Any], form: Form) -> HttpResponse:
    """Show a form as a dialog or as a page; one with errors is 422."""
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, template, context | {"form": form}, fragment="dialog", status=status)
