"""Undo and redo."""

from django.http import HttpResponse

from accounts.access import MemberRequest
from buying_process import services
from buying_process.forms import UndoForm
from buying_process.views.answers import changed, closed, edit, refuse_invalid, version_of


@edit
def edit_undo(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Undo the person's latest edit of a draft, or the one that a toast names."""
    version = version_of(request, process_id, number)
    form = UndoForm(request.GET)
    refuse_invalid(form)
    undone = services.edit_undo(version=version, actor=request.membership, edit_id=form.cleaned_data["edit"])
    return closed(changed(request, version_of(request, process_id, number), f"Undone: {undone.label}."))


@edit
def edit_redo(request: MemberRequest, process_id: int, number: int) -> HttpResponse:
    """Do again what the person undid last."""
    version = version_of(request, process_id, number)
    redone = services.edit_redo(version=version, actor=request.membership)
    return closed(changed(request, version_of(request, process_id, number), f"Done again: {redone.label}."))
