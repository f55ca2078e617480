"""Many deals at once, from a file or from the API: rows that are new are inserted, rows that differ are changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.models import Stage, Version
from core import audit
from core.jobs import enqueue
from deals.choices import Outcome
from deals.models import Deal, StageEvent
from interviews.models import Segment


@dataclass(frozen=True)
class DealRow:
    """A deal as another system tells it. None means "not told": what we hold stays, a new deal gets the default."""

    external_id: str
    name: str | None = None
    account: str | None = None
    owner: Membership | None = None
    owner_name: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    segment: Segment | None = None
    version: Version | None = None
    stage: Stage | None = None
    outcome: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    def told(self) -> dict[str, Any]:
        """Give the fields that were told."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@dataclass
class LoadResult:
    """What a load did, or would do; `refused` holds (index of the row, field, sentence)."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def deals_load(*, rows: Sequence[DealRow], actor: Membership, dry_run: bool = False) -> LoadResult:
    """Insert or change one deal a row, by `external_id`, in a constant number of queries. O(rows).

    A refused row is named and leaves the others alone. Scores follow in the background, behind people's own edits.
    """
    result = LoadResult()
    with transaction.atomic():
        known = {deal.external_id: deal for deal in _known(rows)}
        new, changed = _sort_rows(rows, known, actor, result)
        if not dry_run:
            _write(new, changed, actor)
            if result.created or result.changed:
                enqueue("deals.recompute_stale")
    return result


def _known(rows: Sequence[DealRow]) -> list[Deal]:
    ids = [row.external_id for row in rows]
    return list(Deal.objects.select_for_update(of=("self",)).filter(external_id__in=ids))


def _sort_rows(
    rows: Sequence[DealRow], known: dict[str, Deal], actor: Membership, result: LoadResult
) -> tuple[list[Deal], list[tuple[Deal, dict[str, Any]]]]:
    new: dict[str, Deal] = {}
    changed: list[tuple[Deal, dict[str, Any]]] = []
    for index, row in enumerate(rows):
        told = row.told()
        deal = known.get(row.external_id)
        if deal is None and row.external_id in new:
            result.refused.append((index, "external_id", "This ID stands twice in the same load."))
            continue
        before = {name: _plain(deal, name) for name in told} if deal else {}
        differing = {name: value for name, value in told.items() if not deal or before[name] != _as_plain(value)}
        if deal and not differing:
            result.unchanged += 1
            continue
        candidate = deal or Deal(workspace_id=actor.workspace_id, opened_at=timezone.now(), name=row.external_id)
        trouble = _set(candidate, differing)
        if trouble:
            result.refused.append((index, *trouble))
        elif deal:
            changed.append((deal, differing | {"_before": before}))
            result.changed += 1
        else:
            new[row.external_id] = candidate
            result.created += 1
    return list(new.values()), changed


def _plain(deal: Deal, name: str) -> Any:
    return _as_plain(getattr(deal, f"{name}_id" if name in {"owner", "segment", "version", "stage"} else name))


def _as_plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value


def _set(deal: Deal, values: dict[str, Any]) -> tuple[str, str] | None:
    """Set the values and give the first field that does not hold, with its sentence."""
    for name, value in values.items():
        setattr(deal, name, value)
    if deal.outcome == Outcome.OPEN:
        deal.closed_at = None
    try:
        deal.clean_fields(exclude={"workspace", "owner", "segment", "version", "stage"})
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        return name, messages[0]
    if deal.amount is not None and deal.amount < 0:
        return "amount", "An amount is 0 or more."
    if deal.closed_at is not None and deal.closed_at < deal.opened_at:
        return "closed_at", "A deal closes after it was opened."
    return None


def _write(new: list[Deal], changed: list[tuple[Deal, dict[str, Any]]], actor: Membership) -> None:
    if not new and not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesflow.bulk = 'on'")
    Deal.objects.bulk_create(new)
    names = sorted({name for _, values in changed for name in values if not name.startswith("_")})
    if changed:
        now = timezone.now()
        for deal, _ in changed:
            deal.updated_at = now
        Deal.objects.bulk_update([deal for deal, _ in changed], [*names, "closed_at", "updated_at"])
    moved = [(deal, None, deal.stage_id) for deal in new if deal.stage_id]
    moved += [(deal, values["_before"]["stage"], values["stage"].pk) for deal, values in changed if "stage" in values]
    now = timezone.now()
    StageEvent.objects.bulk_create(
        StageEvent(
            workspace_id=actor.workspace_id,
            deal=deal,
            from_stage_id=before,
            to_stage_id=after,
            occurred_at=now if before else deal.opened_at,
            actor=actor,
            note="From the import",
        )
        for deal, before, after in moved
    )
    audit.record("deal.load", actor.workspace, actor=actor, changes={"created": len(new), "changed": len(changed)})
