"""The record of who did what, for the workspace's admins."""

import json

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts import policies
from accounts.access import MemberRequest, members_only
from audit.forms import EventFilterForm
from audit.selectors import events as events_of
from audit.selectors import stretch
from core.http import render_page
from core.sheets import csv_response

A_PAGE = 50
AN_EXPORT = 50_000
COLUMNS = ("at", "actor_label", "verb", "object_type", "object_id", "object_label", "changes", "request_id")


@require_GET
@members_only(policies.reads_record)
def events(request: MemberRequest) -> HttpResponse:
    """Show what was done, newest first."""
    form = EventFilterForm(request.GET, membership=request.membership)
    found = events_of(request.membership, form.wanted())
    part = stretch(found, size=A_PAGE, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    asked = query.urlencode()
    context = {
        "form": form,
        "events": part.rows,
        "newer": f"?{asked}&after={part.newer}" if part.newer else "",
        "older": f"?{asked}&before={part.older}" if part.older else "",
        "asked": asked,
        "filtered": any(query.values()),
    }
    return render_page(request, "audit/events.html", context, fragment="rows")


@require_GET
@members_only(policies.reads_record)
def export(request: MemberRequest) -> HttpResponse:
    """Give the events that the filter leaves as CSV, the newest 50,000 at most."""
    form = EventFilterForm(request.GET, membership=request.membership)
    found = events_of(request.membership, form.wanted())
    told = found.values_list(*COLUMNS)[:AN_EXPORT].iterator()
    rows = ([*row, json.dumps(changes, ensure_ascii=False), request_id] for *row, changes, request_id in told)
    return csv_response("record.csv", COLUMNS, rows)
