"""How pages of this room find a version, and answer an edit of one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, trigger_client_event

from accounts.access import MemberRequest, members_only
from buying_process import policies, selectors
from buying_process.choices import Status
from buying_process.models import Edit, Version
from core.exceptions import ApplicationError
from core.http import with_toast

P = ParamSpec("P")
HISTORY = "#version-history"  # on the page while a draft is shaped
CHANGED = "process-changed"  # the map on the page loads itself again


def version_of(request: MemberRequest, process_id: int, number: int) -> Version:
    """Give a version that the member may see, or answer 404."""
    return get_object_or_404(selectors.versions(request.membership), process_id=process_id, number=number)


def may_shape(request: MemberRequest, version: Version) -> bool:
    """Tell whether the page offers edits."""
    return version.status == Status.DRAFT and bool(policies.shapes_process(request.membership))


def edit(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let designers post an edit; a refused one tells why and has the map show how it stands."""

    @wraps(view)
    def answered(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ApplicationError as error:
            if not request.htmx:
                raise
            response = with_toast(HttpResponse(status=error.status), error.message, level="error")
            return trigger_client_event(reswap(response, "none"), CHANGED)

    return require_POST(members_only(policies.shapes_process)(answered))


def changed(
    request: MemberRequest, version: Version, message: str, *, panel: HttpResponse | None = None
) -> HttpResponse:
    """Answer an edit that was made: with the panel as it stands now, and a toast that can undo it.

    `version` is as it was read before the edit.
    """
    if not request.htmx:
        messages.success(request, message)
        if request.POST.get("page") == "information":
            return redirect("buying_process:information", version.process_id, version.number)
        return redirect(version)
    made = selectors.edit_since(version, request.membership)
    address = undo_url(version, made) if made else ""
    response = with_toast(
        panel if panel is not None else HttpResponse(status=204), message, undo_url=address, undo_target=HISTORY
    )
    return trigger_client_event(response, CHANGED)


def closed(response: HttpResponse) -> HttpResponse:
    """Have the page close its dialogs."""
    return trigger_client_event(response, "dialog:close")


def undo_url(version: Version, made: Edit) -> str:
    """Give the address that undoes an edit."""
    return f"{reverse('buying_process:undo', args=[version.process_id, version.number])}?edit={made.pk}"


def first_error(form: Any) -> str:
    """Give the first sentence of what is wrong with a form."""
    return str(next(iter(form.errors.values()))[0])


def refuse_invalid(form: Any) -> None:
    """Raise what is wrong with a form that has no page of its own."""
    if not form.is_valid():
        raise ApplicationError(first_error(form), fields={name: list(errors) for name, errors in form.errors.items()})
