"""Alerts: one's own on Today, which of them one wants, and the link of the mail that ends the mails."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import go_to
from deals import services
from deals.choices import Outcome
from deals.forms import AlertChoiceForm
from deals.selectors.alerts import ANY, alerts_for, choice_of
from deals.selectors.listing import DealFilters, count_of, narrowed


@require_GET
@members_only(policies.works_on_deals)
def today(request: MemberRequest) -> HttpResponse:
    """Show what stands on one's own deals, the newest first; to who watches a team, on how many of its deals."""
    alerts, count = alerts_for(request.membership)
    context: dict[str, Any] = {"alerts": alerts, "count": count}
    if policies.watches_team(request.membership):
        context["watched"] = count_of(narrowed(request.membership, DealFilters(outcome=Outcome.OPEN, alert=ANY)))
    return render(request, "deals/alerts_today.html", context)


@require_http_methods(["GET", "POST"])
@members_only(policies.works_on_deals)
def choose(request: MemberRequest) -> HttpResponse:
    """Switch each kind of alert, and the mail."""
    known = choice_of(request.membership)
    if request.method == "POST":
        form = AlertChoiceForm(request.POST)  # switches that are all off send nothing, and that is an answer
        if form.is_valid():
            services.alerts_choose(actor=request.membership, **form.cleaned_data)
            messages.success(request, "Saved.")
            return go_to(request, reverse("deals:alerts"))
    else:
        form = AlertChoiceForm(initial={name: getattr(known, name) for name in AlertChoiceForm.base_fields})
    return render(request, "deals/alerts.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def digest_off(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails of whoever holds the link; signing in is not asked for."""
    member = services.member_of_token(token)
    if member is None:
        raise Http404
    if request.method == "POST":
        services.digest_end(member=member)
    return render(request, "deals/digest_off.html", {"ended": request.method == "POST"})
