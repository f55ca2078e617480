"""The list of deals and its export."""

from datetime import datetime
from typing import Any

from defusedcsv import csv
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from deals.forms import ListForm
from deals.selectors.deals import EXPORT_COLUMNS, SORTS, choices, export_rows, filtered

PAGE_SIZE = 25


@require_GET
@members_only(policies.works_on_deals)
def deal_list(request: MemberRequest) -> HttpResponse:
    """List the deals that the member may see; the address keeps filters, order and page."""
    form = ListForm(request.GET, choices=choices(request.membership))
    filters = form.filters()
    page = Paginator(filtered(request.membership, filters), PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("sort", None)
    context = {
        "form": form,
        "page": page,
        "filters": filters,
        "columns": _columns(filters.sort, query.urlencode()),
        "query": request.GET.urlencode(),
        "narrowed": any(request.GET.get(name) for name in form.fields if name not in {"sort", "outcome"}),
    }
    return render_page(request, "deals/list.html", context, fragment="rows")


def _columns(sort: str, query: str) -> list[dict[str, Any]]:
    """Give the headings with the address that sorts by them."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    rows = []
    for name, (label, _) in SORTS.items():
        here = name == key
        wanted = name if here and down else f"-{name}"
        rows.append(
            {
                "name": name,
                "label": label,
                "direction": ("descending" if down else "ascending") if here else "none",
                "url": f"?{query}&sort={wanted}" if query else f"?sort={wanted}",
            }
        )
    return sorted(rows, key=lambda row: ORDER.index(row["name"]))


ORDER = ("name", "alignment", "gap", "outlook", "amount", "opened")


@require_GET
@members_only(policies.works_on_deals)
def export(request: MemberRequest) -> HttpResponse:
    """Give the list as CSV, safe to open in a spreadsheet: no cell is taken for a formula."""
    filters = ListForm(request.GET, choices=choices(request.membership)).filters()
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="deals-{timezone.localdate()}.csv"'
    writer = csv.writer(response)
    writer.writerow(EXPORT_COLUMNS)
    for row in export_rows(filtered(request.membership, filters)):
        writer.writerow([_plain(value) for value in row])
    return response


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return round(value, 4) if isinstance(value, float) else str(value)
