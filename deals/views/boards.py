"""The board: open deals by the stage that was logged."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.exceptions import ForbiddenError
from core.http import render_page
from core.identifiers import number_of
from deals import services
from deals.choices import FactKind
from deals.forms import BackForm, StageForm
from deals.policies import may_log
from deals.selectors.board import BoardColumn, board_of, more_cards
from deals.views.answers import CHANGED, asked, deal_of, logged, undo_url


@require_http_methods(["GET", "POST"])
@members_only(policies.works_on_deals)
def board(request: MemberRequest) -> HttpResponse:
    """Show the board; a drop on it logs a stage, and a drop on an earlier one asks why first."""
    if request.method == "POST":
        return _drop(request)
    version, moved = (number_of(request.GET.get(name, "")) for name in ("version", "moved"))
    if request.htmx and "after" in request.GET:
        stage, after = number_of(request.GET.get("stage", "")), request.GET["after"]
        page = more_cards(request.membership, version_id=version, stage_id=stage, after=after, moved=moved)
        column = BoardColumn(None, page.deals, after=page.after)
        return render(
            request, "deals/cards.html", {"column": column, "stage": stage, "version": version, "moved": moved}
        )
    context = {"board": board_of(request.membership, version, moved=moved), "moved": moved}
    return render_page(request, "deals/board.html", context, fragment="board")


def _drop(request: MemberRequest) -> HttpResponse:
    deal = deal_of(request, number_of(request.POST.get("item", "")))
    if not may_log(request.membership, deal):
        raise ForbiddenError("You may read this deal, and not move it.")
    form = StageForm({"stage": request.POST.get("list")}, deal=deal)
    if not form.is_valid():
        raise Http404
    stage = form.cleaned_data["stage"]
    if stage.pk == deal.stage_id:
        return trigger_client_event(HttpResponse(status=204), CHANGED)  # its order within a column is not ours to keep
    if deal.stage is not None and stage.position < deal.stage.position:
        # The card goes back to where it was until somebody said why.
        forms = {"forward_form": form, "back_form": BackForm(None, deal=deal)}
        context = {"deal": deal, "forward": [], "earlier": [(stage, None)], **forms}
        return trigger_client_event(asked(request, "deals/log_stage.html", context, form), CHANGED)
    event = services.deal_log_stage(deal=deal, stage=stage, actor=request.membership)
    return logged(request, deal, f"{deal}: we are at “{stage}”.", undo_url=undo_url(event, FactKind.STAGE))
