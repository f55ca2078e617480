"""A version as a picture, as a file that imports again, and back from that file."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors, services
from buying_process.forms import ImportForm
from buying_process.models import Version
from buying_process.views.answers import version_of
from core.exceptions import ApplicationError
from core.http import go_to, render_page


@require_GET
@members_only(policies.reads_process)
def version_picture(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Give the journey map as a picture of one page that opens anywhere."""
    version = version_of(request, process_id, number)
    picture = selectors.picture_of(selectors.journey_map(version), _subtitle(version))
    drawing = render_to_string("buying_process/picture.svg", {"picture": picture})
    return _file(drawing, version, "svg", "image/svg+xml")


@require_GET
@members_only(policies.reads_process)
def version_export(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Give a version as JSON that imports again."""
    version = version_of(request, process_id, number)
    text = json.dumps(selectors.document_of(version), ensure_ascii=False, indent=2)
    return _file(f"{text}\n", version, "json", "application/json")


@require_http_methods(["GET", "POST"])
@members_only(policies.shapes_process)
def process_import(request: MemberRequest) -> HttpResponse:
    """Make a draft of an exported version."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*given, processes=selectors.processes(request.membership))
    if given and form.is_valid():
        try:
            version = services.version_import(
                content=form.cleaned_data["file"].read(),
                process=form.cleaned_data["process"],
                actor=request.membership,
            )
        except ApplicationError as error:
            for sentence in error.fields.get("file", [error.message]):
                form.add_error("file", sentence)
        else:
            messages.success(request, f"{version.process}: draft {version.number} holds what the file says.")
            return go_to(request, version.get_absolute_url())
    return render_page(request, "buying_process/import.html", {"form": form}, status=422 if form.errors else 200)


def _subtitle(version: Version) -> str:
    interviews = int(version.derivation.get("interviews") or 0)
    told = f" · from {interviews} interview{'' if interviews == 1 else 's'}" if interviews else ""
    return f"{version.get_status_display()}, version {version.number}{told} · chaos {version.cyclic_share:.0%}"


def _file(text: str, version: Version, ending: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    name = f"{slugify(version.process.name) or 'process'}-{version.number}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
