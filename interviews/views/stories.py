"""The list of interviews, with coverage, and the export of what is coded."""

from collections.abc import Iterator
from typing import cast

from defusedcsv import csv
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from accounts.access import MemberRequest, members_only
from core.http import render_page
from interviews import policies
from interviews.forms import ListForm
from interviews.models import Excerpt
from interviews.selectors import SORTS, coded_excerpts, coverage, interview_rows

PAGE = 25
COLUMNS = [
    "customer",
    "segment",
    "role",
    "held_on",
    "outcome",
    "question",
    "kind",
    "code",
    "quote",
    "start",
    "end",
    "coded_by",
]


@members_only(policies.reads_interviews)
def interview_list(request: MemberRequest) -> HttpResponse:
    """Show the interviews found, and whom all of them speak for."""
    form = ListForm(request.GET)
    chosen = form.chosen()
    page = Paginator(interview_rows(request.membership, **chosen), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "chosen": chosen,
        "filtered": any(chosen[name] for name in ("query", "segment", "outcome", "state")),
        "coverage": coverage(request.membership),
        "columns": _columns(request, chosen["sort"]),
        "may_edit": policies.edits_interviews(request.membership),
    }
    return render_page(request, "interviews/list.html", context, fragment="rows")


# column, its head, whether figures, the order that its head asks for first ("" where it cannot be ordered by)
HEADS = (
    ("customer", "Customer", "", "customer"),
    ("segment", "Segment", "", ""),
    ("held_on", "Date", "", "-held_on"),
    ("outcome", "How it ended", "", "outcome"),
    ("passages", "Coded passages", "number", "-passages"),
    ("moments", "Moments", "number", ""),
    ("next", "Next", "", ""),
)


def _columns(request: MemberRequest, sort: str) -> list[dict[str, str]]:
    """Give the heads of the table: each link sorts by its column, or turns the order round."""
    heads = []
    for name, label, kind, first in HEADS:
        head = {"label": label, "kind": kind, "url": "", "state": ""}
        if first:
            query = request.GET.copy()
            query.pop("page", None)
            turned = first.removeprefix("-") if first.startswith("-") else f"-{first}"
            query["sort"] = turned if sort == first and turned in SORTS else first
            head["url"] = f"?{query.urlencode()}"
            head["state"] = {name: "ascending", f"-{name}": "descending"}.get(sort, "none")
        heads.append(head)
    return heads


class _Echo:
    """A file that gives back what is written, for the CSV writer to feed a stream."""

    def write(self, value: str) -> str:
        return value


@members_only(policies.reads_interviews)
def export(request: MemberRequest) -> HttpResponse:
    """Give every coded excerpt as CSV; cells that a spreadsheet would run are made harmless."""
    rows = coded_excerpts(request.membership).iterator(chunk_size=500)
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    name = f"coded-excerpts-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", response)  # the stubs know streams as no kind of HttpResponse


def _lines(rows: Iterator[Excerpt]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows:
        interview = row.answer.interview
        yield writer.writerow(
            [
                interview.customer,
                interview.segment.name if interview.segment else "",
                interview.role,
                interview.held_on.isoformat(),
                interview.outcome,
                row.answer.question.text,
                row.code.kind,
                row.code.name,
                row.quote,
                row.start,
                row.end,
                str(row.coded_by.user) if row.coded_by else "",
            ]
        )
