"""The list of interviews, with coverage."""

from django.core.paginator import Paginator
from django.http import HttpResponse

from accounts.access import MemberRequest, members_only
from core.http import render_page
from interviews import policies
from interviews.forms import ListForm
from interviews.selectors import SORTS, coverage, interview_rows

PAGE = 25


@members_only(policies.reads_interviews)
def interview_list(request: MemberRequest) -> HttpResponse:
    """Show the interviews found, and whom all of them speak for."""
    form = ListForm(request.GET, membership=request.membership)
    chosen = form.chosen()
    page = Paginator(interview_rows(request.membership, **chosen), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "chosen": chosen,
        "filtered": any(chosen[name] for name in ("query", "segment", "role", "outcome", "state")),
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
