"""What is logged on a deal: stages, signals, efforts, needs, its end; and taking it back."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.access import MemberRequest
from core.exceptions import ApplicationError
from deals import services
from deals.choices import FactKind, Outcome, settles
from deals.forms import WORDS, BackForm, CloseForm, EffortForm, NeedForm, SignalForm, StageForm
from deals.models import Deal
from deals.selectors.facts import fact_of, need_in_process
from deals.selectors.page import effort_options, signal_options
from deals.selectors.sheets import sheet_to_log_by
from deals.views.answers import asked, logged, logs_on_deal, undo_url


@logs_on_deal
def stage(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Log the stage that we are in; a move back asks why."""
    back = request.POST.get("direction") == "back"
    form = (BackForm if back else StageForm)(request.POST or None, deal=deal)
    if request.method == "POST" and form.is_valid():
        to_stage = form.cleaned_data["stage"]
        try:
            event = services.deal_log_stage(deal=deal, stage=to_stage, actor=request.membership, **form.details())
        except ApplicationError as error:
            form.refuse(error)
        else:
            return logged(request, deal, f"We are at “{event.to_stage}”.", undo_url=undo_url(event, FactKind.STAGE))
    sheet = sheet_to_log_by(deal.version_id)
    here = sheet.stage_index.get(deal.stage_id or 0, -1) if sheet else -1
    shares = deal.alignment.position
    stages = [
        (each, shares[each.position] if each.position < len(shares) else None)
        for each in (sheet.stages if sheet else ())
    ]
    context = {
        "deal": deal,
        "share_here": next((share for each, share in stages if each.position == here), None),
        "forward": [pair for pair in stages if pair[0].position > here],
        "earlier": [pair for pair in stages if pair[0].position < here],
        "forward_form": StageForm(None, deal=deal) if back else form,
        "back_form": form if back else BackForm(None, deal=deal),
    }
    return asked(request, "deals/log_stage.html", context, form)


@logs_on_deal
def signal(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Log what the customer did, and whose word that is."""
    form = SignalForm(request.POST or None, deal=deal)
    if request.method == "POST" and form.is_valid():
        activity, word = form.cleaned_data["choice"]
        try:
            fact = services.deal_log_signal(
                deal=deal, activity=activity, word=word, actor=request.membership, **form.details()
            )
        except ApplicationError as error:
            form.refuse(error)
        else:
            return logged(request, deal, f"Logged: “{activity}”.", undo_url=undo_url(fact, FactKind.SIGNAL))
    sheet = sheet_to_log_by(deal.version_id)
    options = signal_options(sheet, deal.alignment.tomorrow) if sheet else None
    return asked(request, "deals/log_signal.html", {"deal": deal, "options": options, "words": WORDS}, form)


@logs_on_deal
def effort(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Log something that we did."""
    form = EffortForm(request.POST or None, deal=deal)
    if request.method == "POST" and form.is_valid():
        activity = form.cleaned_data["activity"]
        try:
            fact = services.deal_log_effort(deal=deal, activity=activity, actor=request.membership, **form.details())
        except ApplicationError as error:
            form.refuse(error)
        else:
            return logged(request, deal, f"Logged: “{activity}”.", undo_url=undo_url(fact, FactKind.EFFORT))
    sheet = sheet_to_log_by(deal.version_id)
    options = effort_options(sheet, deal.alignment.position, deal.alignment.tomorrow) if sheet else None
    return asked(request, "deals/log_effort.html", {"deal": deal, "options": options}, form)


@logs_on_deal
def need(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Log that evidence is settled, or that an information reached them."""
    chosen = need_in_process(deal, request.POST.get("need", request.GET.get("need", "")))
    if chosen is None:
        raise Http404
    channel = chosen.channel or next(iter(deal.channels), "")
    form = NeedForm(request.POST or None, deal=deal, initial={"channel": channel})
    if request.method == "POST" and form.is_valid():
        try:
            fact = services.need_meet(
                deal=deal,
                need=chosen,
                word=form.cleaned_data["word"],
                channel=form.cleaned_data["channel"],
                actor=request.membership,
                **form.details(),
            )
        except ApplicationError as error:
            form.refuse(error)
        else:
            said = f"Settled: “{chosen}”."
            if not settles(chosen.kind, fact.word):
                said = f"Noted: “{chosen}”. It is settled once they say so, or we see it."
            return logged(request, deal, said, undo_url=undo_url(fact, FactKind.NEED))
    return asked(request, "deals/meet_need.html", {"deal": deal, "need": chosen, "words": WORDS}, form)


@logs_on_deal
def close(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Say how the deal ended."""
    form = CloseForm(request.POST or None, deal=deal)
    if request.method == "POST" and form.is_valid():
        outcome = form.cleaned_data["outcome"]
        try:
            services.deal_close(deal=deal, outcome=outcome, actor=request.membership, **form.details())
        except ApplicationError as error:
            form.refuse(error)
        else:
            return logged(request, deal, f"Closed: {Outcome(outcome).label.lower()}.", undo_url=_reopen(deal))
    return asked(request, "deals/close.html", {"deal": deal, "outcomes": form.fields["outcome"].choices}, form)  # type: ignore[attr-defined]


@logs_on_deal
def reopen(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Open a closed deal again."""
    _only_post(request)
    services.deal_reopen(deal=deal, actor=request.membership)
    return logged(request, deal, "The deal is open again.")


@logs_on_deal
def retract(request: MemberRequest, deal: Deal, /, **ids: Any) -> HttpResponse:
    """Take back what was logged."""
    _only_post(request)
    fact = fact_of(deal, **ids)
    if fact is None:
        raise Http404
    services.fact_retract(fact=fact, actor=request.membership)
    return logged(request, deal, "Taken back.", undo_url=_restore(deal, **ids))


@logs_on_deal
def restore(request: MemberRequest, deal: Deal, /, **ids: Any) -> HttpResponse:
    """Let a fact count again."""
    _only_post(request)
    fact = fact_of(deal, **ids)
    if fact is None:
        raise Http404
    services.fact_restore(fact=fact, actor=request.membership)
    return logged(request, deal, "It counts again.")


@logs_on_deal
def retry(request: MemberRequest, deal: Deal, /) -> HttpResponse:
    """Try again to compute a score that was given up."""
    _only_post(request)
    services.alignment_retry(deal=deal, actor=request.membership)
    return logged(request, deal, "Computing the score again.")


def _only_post(request: MemberRequest) -> None:
    """Nothing is here to look at: a visitor by link finds nothing."""
    if request.method != "POST":
        raise Http404


def _reopen(deal: Deal) -> str:
    return reverse("deals:reopen", args=[deal.pk])


def _restore(deal: Deal, *, kind: str, fact_id: int) -> str:
    return reverse("deals:restore", args=[deal.pk, kind, fact_id])
