"""What customers need to know by channel, over the whole process: a page to shape and print, and a table."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.choices import Need
from buying_process.forms import NeedEditForm
from buying_process.selectors.information import InformationMap
from buying_process.views.answers import changed, edit, may_shape, refuse_invalid, version_of
from buying_process.views.stages import stage_of
from core.http import render_page
from core.sheets import csv_response
from interviews.choices import Channel

HEADS = ("Stage", "Channel", "Information", "Told by", "Customers there", "Ours there", "Missing", "In their words")


@require_GET
@members_only(policies.reads_process)
def version_information(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Show what customers need to know in each stage, by channel, and where we are not."""
    version = version_of(request, process_id, number)
    shapes = may_shape(request, version)
    context = {
        "version": version,
        "process": version.process,
        "information": selectors.information_map(version),
        "shapes": shapes,
        "channels": Channel.choices,
        "history": selectors.history_of(version, request.membership) if shapes else None,
        "names_customers": policies.reads_interviews(request.membership),
    }
    return render_page(request, "buying_process/information.html", context, fragment="live")


@edit
def information_add(request: MemberRequest, process_id: int, number: int, stage_id: int) -> HttpResponse:
    """Add something that customers need to know in a stage."""
    stage = stage_of(request, process_id, number, stage_id)
    form = NeedEditForm(request.POST)
    refuse_invalid(form)
    need = services.stage_need_add(
        stage=stage,
        kind=Need.INFORMATION,
        name=form.cleaned_data["name"],
        channel=form.cleaned_data["channel"],
        actor=request.membership,
    )
    return changed(request, stage.version, f"“{need.name}” is added.")


@require_GET
@members_only(policies.reads_process)
def information_table(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Give the same as CSV: a line for each need, and for each channel of a stage on which only one side is."""
    version = version_of(request, process_id, number)
    name = f"{slugify(version.process.name) or 'process'}-{version.number}-information.csv"
    return csv_response(name, HEADS, _lines(selectors.information_map(version)))


def _lines(information: InformationMap) -> Iterator[tuple[object, ...]]:
    for row in information.rows:
        for cell in row.cells:
            there = cell.users or "", "; ".join(activity.name for activity in cell.ours)
            missing = "" if not cell.is_gap else "Something of ours" if cell.channel else "The channel"
            for known in cell.wanted:
                quote = known.quotes[0].text if known.quotes else ""
                yield row.stage.name, cell.label, known.need.name, known.need.told, *there, missing, quote
            if not cell.wanted and not cell.is_empty:
                yield row.stage.name, cell.label, "", "", *there, missing, ""
