"""The list of deals, its export, and *Retry* for all that failed among them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from core.identifiers import number_of
from core.sheets import csv_response
from deals import services
from deals.choices import Outcome
from deals.forms import ListForm
from deals.models import ListView
from deals.policies import may_change_view
from deals.selectors.list_views import deleted_view, usual_of, views_of
from deals.selectors.listing import (
    EXPORT_COLUMNS,
    SORTS,
    choices,
    count_of,
    export_rows,
    in_order,
    narrowed,
    page_of_list,
)
from deals.views.list_views import kept_query

HEADINGS = ("name", "owner", "alignment", "gap", "chaos", "outlook", "amount", "opened")
NUMBERS = {"alignment", "amount"}
PLACES = ("after", "before", "deleted")


@require_GET
@members_only(policies.works_on_deals)
def deal_list(request: MemberRequest) -> HttpResponse:
    """List the deals that the member may see; the address keeps filters, order and place."""
    views = views_of(request.membership)
    if not request.GET and not request.htmx and (usual := usual_of(views)):
        return redirect(usual)
    form = ListForm(request.GET, choices=choices(request.membership))
    filters = form.filters()
    deals = narrowed(request.membership, filters)
    within = any(request.GET.get(name) for name in form.fields if name not in {"sort", "outcome", "view"})
    page = page_of_list(deals, filters.sort, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "form": form,
        "page": page,
        "count": count_of(deals),
        "filters": filters,
        "columns": _columns(request.GET, filters.sort),
        "earlier": _address(request.GET, before=page.before) if page.before else "",
        "later": _address(request.GET, after=page.after) if page.after else "",
        "query": _address(request.GET),
        **_views(request, views),
        "narrowed": within or filters.outcome not in {"", Outcome.OPEN},
        "all_open": not within and filters.outcome == Outcome.OPEN,
    }
    alone = request.htmx and request.htmx.trigger == "rows"  # they ask again while a score of theirs is computed
    return render_page(request, "deals/list.html", context, fragment="rows" if alone else "changed")


def _views(request: MemberRequest, views: Sequence[ListView]) -> dict[str, Any]:
    """Give the saved views, which of them is open, whether it shows something else, and what was just deleted."""
    asked = number_of(request.GET.get("view", ""))
    view = next((each for each in views if each.pk == asked), None)
    deleted = deleted_view(request.membership, number_of(request.GET.get("deleted", "")))
    return {
        "views": views,
        "view": view,
        "view_differs": view is not None and kept_query(request.GET) != view.query,
        "may_change": view is not None and may_change_view(request.membership, view),
        "deleted": deleted if deleted is not None and may_change_view(request.membership, deleted) else None,
    }


def _address(query: QueryDict, **values: str) -> str:
    """Give the list's address with other values, from its beginning unless a place is named."""
    changed = query.copy()
    for name in (*PLACES, *values):
        changed.pop(name, None)
    changed.update(values)
    return f"?{changed.urlencode()}"


def _columns(query: QueryDict, sort: str) -> list[dict[str, Any]]:
    """Give the headings with the address that sorts by them."""
    key, falling = sort.removeprefix("-"), sort.startswith("-")
    return [
        {
            "name": name,
            "label": SORTS[name].label,
            "number": name in NUMBERS,
            "direction": ("descending" if falling else "ascending") if name == key else "none",
            "url": _address(query, sort=name if name == key and falling else f"-{name}"),
        }
        for name in HEADINGS
    ]


@require_GET
@members_only(policies.works_on_deals)
def export(request: MemberRequest) -> HttpResponse:
    """Give the list as CSV, safe to open in a spreadsheet: no cell is taken for a formula."""
    filters = ListForm(request.GET, choices=choices(request.membership)).filters()
    deals = in_order(narrowed(request.membership, filters), filters.sort)
    zone = timezone.get_current_timezone()  # the rows are sent when the request's own is over
    rows: Iterable[list[Any]] = ([_plain(value, zone) for value in row] for row in export_rows(deals))
    return csv_response(f"deals-{timezone.localdate()}.csv", EXPORT_COLUMNS, rows)


@require_POST
@members_only(policies.works_on_deals)
def retry_all(request: MemberRequest) -> HttpResponse:
    """Try again to compute the scores that were given up, of the deals that the filters of the address leave."""
    filters = ListForm(request.GET, choices=choices(request.membership)).filters()
    failed = narrowed(request.membership, replace(filters, band="failed"))
    retried = services.alignments_retry(deals=list(failed.values_list("pk", flat=True)), actor=request.membership)
    messages.success(request, f"{retried} score{' is' if retried == 1 else 's are'} computed again.")
    return redirect(f"{reverse('deals:list')}{_address(request.GET)}")


def _plain(value: Any, zone: tzinfo) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value, zone).strftime("%Y-%m-%d %H:%M")
    return round(value, 4) if isinstance(value, float) else str(value)
