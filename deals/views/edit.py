"""New deals, their details, and the people on their side."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from structlog.contextvars import bind_contextvars

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.exceptions import ApplicationError
from core.forms import show_errors
from core.http import go_to, render_page
from core.identifiers import number_of
from deals import services
from deals.forms import ContactForm, DealForm
from deals.models import Deal
from deals.selectors.details import details_seen
from deals.selectors.facts import contact_of, contacts_waiting
from deals.selectors.page import roles_of
from deals.selectors.sheets import sheet_to_log_by
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
            bind_contextvars(deal_id=deal.pk)
            messages.success(request, "The deal is here. Log what you have seen of them.")
            return go_to(request, deal.get_absolute_url())
    status = 422 if form.errors else 200
    return render_page(request, "deals/form.html", {"form": form, "deal": None}, fragment="dialog", status=status)


@logs_on_deal
def edit(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Change what a deal says of itself; what somebody else changed meanwhile is shown, not overwritten."""
    form = DealForm(request.POST or None, membership=request.membership, deal=deal)
    seen = request.POST.get("seen") or details_seen(deal)
    if request.method == "POST" and form.is_valid():
        try:
            services.deal_edit(deal=deal, seen=seen, actor=request.membership, **form.cleaned_data)
        except ApplicationError as error:
            show_errors(form, error)
            seen = error.seen if isinstance(error, services.EditConflictError) else seen
            deal.refresh_from_db()
        else:
            messages.success(request, "Saved.")
            return go_to(request, deal.get_absolute_url())
    context = {"form": form, "deal": deal, "seen": seen}
    status = 422 if form.errors else 200
    return render_page(request, "deals/form.html", context, fragment="dialog", status=status)


@logs_on_deal
def contact(request: MemberRequest, deal: Deal, /, contact_id: int | None = None) -> HttpResponse:
    """Add or change a person on their side."""
    known = contact_of(deal, contact_id) if contact_id is not None else None
    if contact_id is not None and known is None:
        raise Http404
    initial = {"role": request.GET.get("role"), "engaged": True}
    form = ContactForm(
        request.POST or None, roles=roles_of(sheet_to_log_by(deal.version_id)), contact=known, initial=initial
    )
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
    role = number_of(request.POST.get("role") or request.GET.get("role", ""))
    waiting = contacts_waiting(deal, role) if role and known is None else []
    return asked(request, "deals/contact.html", {"deal": deal, "contact": known, "waiting": waiting}, form)
