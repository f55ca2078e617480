"""Make, change, close and reopen deals."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.models import Stage, Version
from core import scope
from core.audit import record
from core.exceptions import ApplicationError, ConflictError
from core.jobs import enqueue
from core.write import change, create
from deals.choices import ENDINGS, Outcome
from deals.models import Deal, OutcomeEvent, StageEvent
from deals.selectors.versions import version_for
from deals.services.alignment import DOORBELL
from deals.validators import (
    refuse_impossible_moment,
    refuse_other_workspace,
    refuse_to_lose,
    refuse_unknown_channels,
)
from interviews.models import Segment


class DealDetails(TypedDict, total=False):
    """What a deal says of itself, beside where it stands."""

    name: str
    account: str
    owner: Membership | None
    owner_name: str
    amount: Decimal | None
    currency: str
    segment: Segment | None
    opened_at: datetime
    channels: Sequence[str]


class NewDeal(DealDetails, total=False):
    """A deal as it is first heard of: it may have gone some way, or have ended."""

    version: Version | None
    stage: Stage | None
    outcome: str
    closed_at: datetime | None


def deal_create(*, actor: Membership | None, external_id: str = "", **fields: Unpack[NewDeal]) -> Deal:
    """Make a deal, pinned to the version given or else to the live one of its segment; logs its stage and its end.

    `name` and `opened_at` are needed; the rest has defaults.
    """
    values: dict[str, Any] = dict(fields)
    stage: Stage | None = values.pop("stage", None)
    outcome = values.pop("outcome", Outcome.OPEN) or Outcome.OPEN
    closed_at = values.pop("closed_at", None)
    workspace_id = scope.workspace_id()
    _check_details(workspace_id, values)
    refuse_to_lose(actor=actor, owner=values.get("owner"))
    if values.get("version") is None:
        values["version"] = stage.version if stage else version_for(values.get("segment"))
    _check_stage(stage, values["version"])
    with transaction.atomic():
        deal = create(Deal(workspace_id=workspace_id, external_id=external_id, **values))
        record("deal.create", deal, actor=actor, changes={"name": deal.name})
        if stage is not None:
            _insert_stage(deal, stage, actor=actor, at=deal.opened_at)
        if outcome != Outcome.OPEN:
            deal_close(deal=deal, outcome=outcome, actor=actor, at=closed_at)
        enqueue(DOORBELL)
    return deal


def deal_update(*, deal: Deal, actor: Membership | None, **fields: Unpack[DealDetails]) -> Deal:
    """Change what a deal says of itself."""
    values: dict[str, Any] = dict(fields)
    _check_details(deal.workspace_id, values)
    if deal.owner_id is not None:
        refuse_to_lose(actor=actor, owner=values.get("owner", deal.owner))
    with transaction.atomic():
        Deal.objects.select_for_update(no_key=True).get(pk=deal.pk)
        changes = change(deal, **values)
        if changes:
            record("deal.update", deal, actor=actor, changes=changes)
            enqueue(DOORBELL)
    return deal


def deal_share(*, deal: Deal, members: Iterable[Membership], actor: Membership | None) -> Deal:
    """Say with whom a deal is shared, beside its owner."""
    chosen = list(members)
    for member in chosen:
        refuse_other_workspace(deal.workspace_id, shared_with=member)
    with transaction.atomic():
        before = list(deal.shared_with.select_related("user"))
        if set(before) != set(chosen):
            deal.shared_with.set(chosen)
            named = [sorted(map(str, members)) for members in (before, chosen)]
            record("deal.share", deal, actor=actor, changes={"shared_with": named})
    return deal


def deal_put(*, actor: Membership, external_id: str, **fields: Unpack[NewDeal]) -> tuple[Deal, bool]:
    """Make the deal of this external id, or bring it up to date; tell whether it was made."""
    try:
        with transaction.atomic():
            known = Deal.objects.filter(external_id=external_id).first()
            if known is None:
                return deal_create(actor=actor, external_id=external_id, **fields), True
    except IntegrityError:  # another request made it between our look and our write
        known = Deal.objects.get(external_id=external_id)
    if not Deal.objects.visible_to(actor).filter(pk=known.pk).exists():
        raise ConflictError(
            "Another deal has this external id.", fields={"external_id": ["Another deal has this external id."]}
        )
    return deal_change(deal=known, actor=actor, **fields), False


def deal_change(*, deal: Deal, actor: Membership | None, **fields: Unpack[NewDeal]) -> Deal:
    """Bring all of a deal up to date at once, each part by its own service: details, version, stage, outcome."""
    from deals.services.facts import deal_log_stage

    values: dict[str, Any] = dict(fields)
    version, stage = values.pop("version", None), values.pop("stage", None)
    outcome, closed_at = values.pop("outcome", None), values.pop("closed_at", None)
    with transaction.atomic():
        deal_update(deal=deal, actor=actor, **values)
        if version is not None and version.pk != deal.version_id:
            deal_move_version(deal=deal, version=version, stage=stage, actor=actor)
        elif stage is not None and stage.pk != deal.stage_id:
            deal_log_stage(deal=deal, stage=stage, actor=actor, asks_why=False)
        if outcome == Outcome.OPEN and deal.outcome != Outcome.OPEN:
            deal_reopen(deal=deal, actor=actor)
        elif outcome in ENDINGS and (outcome != deal.outcome or (closed_at and closed_at != deal.closed_at)):
            deal_close(deal=deal, outcome=str(outcome), actor=actor, at=closed_at)
    return deal


def deal_close(
    *, deal: Deal, outcome: str, actor: Membership | None, at: datetime | None = None, note: str = ""
) -> Deal:
    """Say how a deal ended; its score stays as it was then. A closed deal may be closed again, to put it right."""
    if outcome not in ENDINGS:
        raise ApplicationError("Choose how the deal ended.", fields={"outcome": ["Choose how the deal ended."]})
    moment = at or timezone.now()
    refuse_impossible_moment(moment, field="closed_at")
    with transaction.atomic():
        Deal.objects.select_for_update(no_key=True).get(pk=deal.pk)
        changes = change(deal, outcome=outcome, closed_at=moment)
        create(_outcome_event(deal, outcome, actor=actor, at=moment, note=note))
        record("deal.close", deal, actor=actor, changes=changes)
        enqueue(DOORBELL)
    return deal


def deal_reopen(*, deal: Deal, actor: Membership | None, note: str = "") -> Deal:
    """Open a closed deal again."""
    with transaction.atomic():
        held = Deal.objects.select_for_update(no_key=True).get(pk=deal.pk)
        if held.outcome == Outcome.OPEN:
            return held
        changes = change(deal, outcome=Outcome.OPEN, closed_at=None)
        create(_outcome_event(deal, Outcome.OPEN, actor=actor, at=timezone.now(), note=note))
        record("deal.reopen", deal, actor=actor, changes=changes)
        enqueue(DOORBELL)
    return deal


def deal_move_version(*, deal: Deal, version: Version, stage: Stage | None, actor: Membership | None) -> Deal:
    """Pin a deal to another version, in the stage given."""
    refuse_other_workspace(deal.workspace_id, version=version)
    _check_stage(stage, version)
    with transaction.atomic():
        Deal.objects.select_for_update(no_key=True).get(pk=deal.pk)
        before, former = deal.stage, deal.version
        deal.version, deal.stage = version, stage
        deal.save(update_fields=["version", "stage", "updated_at"])
        if stage is not None:
            note = f"Moved to version {version.number}"
            create(_stage_event(deal, before, stage, actor=actor, at=timezone.now(), note=note))
        record("deal.move_version", deal, actor=actor, changes={"version": [former, version]})
        enqueue(DOORBELL)
    return deal


def _check_details(workspace_id: int, values: dict[str, Any]) -> None:
    linked = {name: values.get(name) for name in ("owner", "segment", "version")}
    refuse_other_workspace(workspace_id, **linked)
    if "channels" in values:
        values["channels"] = list(values["channels"])
        refuse_unknown_channels(values["channels"])
    if values.get("opened_at") is not None:
        refuse_impossible_moment(values["opened_at"], field="opened_at")


def _check_stage(stage: Stage | None, version: Version | None) -> None:
    if stage is not None and (version is None or stage.version_id != version.pk):
        sentence = "This stage is not part of the deal's process."
        raise ApplicationError(sentence, fields={"stage": [sentence]})


def _insert_stage(deal: Deal, stage: Stage, *, actor: Membership | None, at: datetime) -> None:
    create(_stage_event(deal, None, stage, actor=actor, at=at, note=""))
    deal.stage = stage
    deal.save(update_fields=["stage", "updated_at"])


def _stage_event(
    deal: Deal, before: Stage | None, after: Stage, *, actor: Membership | None, at: datetime, note: str
) -> StageEvent:
    return StageEvent(
        workspace_id=deal.workspace_id,
        deal=deal,
        from_stage=before,
        to_stage=after,
        actor=actor,
        occurred_at=at,
        note=note,
    )


def _outcome_event(deal: Deal, outcome: str, *, actor: Membership | None, at: datetime, note: str) -> OutcomeEvent:
    return OutcomeEvent(
        workspace_id=deal.workspace_id, deal=deal, outcome=outcome, actor=actor, occurred_at=at, note=note
    )
