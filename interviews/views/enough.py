"""Whether there are enough interviews: whom they speak for, what rests on one voice, whom to ask next and what."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, members_only
from core.http import render_page
from core.sheets import csv_response
from interviews import policies
from interviews.choices import Job
from interviews.forms import EnoughForm
from interviews.models import Segment
from interviews.selectors import (
    COVERAGE_COLUMNS,
    ask_next,
    coverage_table,
    heard,
    next_brings,
    reach,
    segments,
    verdict,
    voices,
)
from interviews.views.curve import curve_of

PAGE = 20


def _segments(request: MemberRequest, segment: int | None) -> list[Segment]:
    """Give the segments that should speak: all, or the one chosen."""
    found = segments(request.membership)
    return list(found if segment is None else found.filter(pk=segment))


@require_safe
@members_only(policies.reads_interviews)
def page(request: MemberRequest) -> HttpResponse:
    """Answer whether there are enough interviews, of all or of one segment."""
    form = EnoughForm(request.GET, membership=request.membership)
    segment, job = form.segment_id, form.chosen_job
    told = heard(request.membership, segment=segment)
    whom = reach(told, _segments(request, segment))
    course = told.saturation
    alone = [activity for activity in told.on_one_voice if job in ("", activity.job)]
    shown = Paginator(alone, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "segment": segment,
        "segment_query": f"segment={segment}&" if segment is not None else "",
        "job": job,
        "job_label": Job(job).label if job else "",
        "told": told,
        "untimed": len(told.accounts) - len(told.timed),
        "reach": whom,
        "verdict": verdict(told, whom.gaps),
        "course": course,
        "brings": next_brings(course.interviews, course.expected_new or 0.0),
        "curve": curve_of(course),
        "next": ask_next(told, whom),
        "page": shown,
        "voices": voices(request.membership, list(shown.object_list)),
        "may_edit": policies.edits_interviews(request.membership),
    }
    return render_page(request, "interviews/enough.html", context, fragment="figures")


@require_safe
@members_only(policies.reads_interviews)
def export_coverage(request: MemberRequest) -> HttpResponse:
    """Give the interviews counted by segment, role and outcome as CSV, with those that are missing."""
    segment = EnoughForm(request.GET, membership=request.membership).segment_id
    rows = coverage_table(heard(request.membership, segment=segment), _segments(request, segment))
    return csv_response(f"coverage-{timezone.localdate():%Y-%m-%d}.csv", COVERAGE_COLUMNS, rows)
