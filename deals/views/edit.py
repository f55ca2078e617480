"""New deals, their details, and the people on their side."""

from datetime import UTC, datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.forms import show_errors
from core.http import go_to, render_page
from deals import services
from deals.forms import ContactForm, DealForm
from deals.models import Deal
from deals.selectors.facts import contact_of
from deals.selectors.page import roles_of
from deals.selectors.sheets import sheet_of
from deals.views.answers import asked, logged, logs_on_deal


@require_http_methods(["GET", "POST"])
@members_only(policies.works_on_deals)
def new(request: MemberRequest) -> HttpResponse:
    """Make a deal."""
    form = DealForm(request.POST or None, membership=request.membership)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                deal = services.deal_create(actor=request.membership, opened_at=timezone.now(), **form.details())
                services.deal_share(deal=deal, members=form.cleaned_data["shared_with"], actor=request.membership)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "The deal is here. Log what you have seen of them.")
            return go_to(request, deal.get_absolute_url())
    status = 422 if form.errors else 200
    return render_page(request, "deals/form.html", {"form": form, "deal": None}, fragment="dialog", status=status)


@logs_on_deal
def edit(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Change what a deal says of itself; what somebody else changed meanwhile is shown, not overwritten."""
    form = DealForm(request.POST or None, membership=request.membership, deal=deal)
    if request.method == "POST" and form.is_valid() and not _changed_meanwhile(request, deal, form):
        try:
            with transaction.atomic():
                services.deal_update(deal=deal, actor=request.membership, **form.details())
                services.deal_share(deal=deal, members=form.cleaned_data["shared_with"], actor=request.membership)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return go_to(request, deal.get_absolute_url())
    status = 422 if form.errors else 200
    return render_page(
        request, "deals/form.html", {"form": form, "deal": deal, "seen": stamp(deal)}, fragment="dialog", status=status
    )


def _changed_meanwhile(request: MemberRequest, deal: Deal, form: DealForm) -> bool:
    """Hold what the person started from against what is stored; name the values that differ from theirs."""
    seen = request.POST.get("seen", "")
    if not seen or seen == stamp(deal):
        return False
    theirs = [
        f"{form.fields[name].label}: {getattr(deal, name) or 'nothing'}"
        for name in ("name", "account", "amount", "currency", "owner", "segment")
        if form.cleaned_data[name] != getattr(deal, name)
    ]
    if not theirs:
        return False
    form.add_error(
        None, f"Somebody changed this deal meanwhile. Theirs: {'; '.join(theirs)}. Save again to keep yours."
    )
    return True


def stamp(deal: Deal) -> str:
    """Name a state of the deal's details."""
    return datetime.astimezone(deal.updated_at, UTC).isoformat()


@logs_on_deal
def contact(request: MemberRequest, deal: Deal, /, contact_id: int | None = None) -> HttpResponse:
    """Add or change a person on their side."""
    known = contact_of(deal, contact_id) if contact_id is not None else None
    if contact_id is not None and known is None:
        raise Http404
    initial = {"role": request.GET.get("role"), "engaged": True}
    form = ContactForm(request.POST or None, roles=roles_of(sheet_of(deal.version_id)), contact=known, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if known is None:
                services.contact_add(deal=deal, actor=request.membership, **values)
            else:
                services.contact_update(contact=known, actor=request.membership, **values)
        except ApplicationError as error:
            show_errors(form, error)
        else:
            return logged(request, deal, f"{values['name']} is on the list.")
    return asked(request, "deals/contact.html", {"deal": deal, "contact": known}, form)
