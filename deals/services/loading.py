"""Many deals at once, from a file or from the API: rows that are new are inserted, rows that differ are changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from buying_process.models import Stage, Version
from core import audit
from core.exceptions import ApplicationError
from core.jobs import enqueue
from deals.choices import Outcome
from deals.models import Deal, OutcomeEvent, StageEvent
from deals.selectors.versions import version_for
from deals.services.alignment import DOORBELL
from deals.services.urgency import mark_bulk
from deals.validators import refuse_impossible_moment
from interviews.models import Segment

CHUNK = 2_000
LINKS = {"owner", "segment", "version", "stage"}
TWICE = "This ID stands twice in the same load."
RowT = TypeVar("RowT")


@dataclass(frozen=True)
class DealRow:
    """A deal as another system tells it. None means "not told": what we hold stays, a new deal gets the default.

    `stage_told` is the id or name of a stage of whatever version the deal goes by.
    """

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
    stage_told: str | None = None

    def told(self) -> dict[str, Any]:
        """Give the fields that were told."""
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "stage_told"}
        return {name: value for name, value in values.items() if value is not None}


@dataclass
class LoadResult:
    """What a load did, or would do; `refused` holds (index of the row, field, sentence)."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def deals_load(*, rows: Iterable[DealRow], actor: Membership, dry_run: bool = False) -> LoadResult:
    """Insert or change one deal a row, by `external_id`, in a constant number of queries a chunk. O(rows).

    A refused row is named and leaves the others alone; the others are written together. Scores follow in the
    background, behind people's own edits.
    """
    with transaction.atomic():
        load = _DealLoad(actor)
        for offset, chunk in chunks(rows):
            load.take(offset, chunk, dry_run=dry_run)
        result = load.result
        if (result.created or result.changed) and not dry_run:
            changes = {"created": result.created, "changed": result.changed}
            audit.record("deal.load", actor.workspace, actor=actor, changes=changes)
            enqueue(DOORBELL)
    return result


def chunks(rows: Iterable[RowT]) -> Iterator[tuple[int, list[RowT]]]:
    """Part the rows, each part with the index of its first row."""
    iterator, offset = iter(rows), 0
    while chunk := list(islice(iterator, CHUNK)):
        yield offset, chunk
        offset += len(chunk)


@dataclass
class _Change:
    deal: Deal
    before: dict[str, Any]
    told: dict[str, Any]

    def moved(self, name: str) -> bool:
        return bool(name in self.told and self.before[name] != _plain(self.deal, name))


class _DealLoad:
    """One load under way: what it saw, and what came of it."""

    def __init__(self, actor: Membership) -> None:
        self.actor = actor
        self.result = LoadResult()
        self.seen: set[str] = set()
        self.versions: dict[int | None, Version | None] = {}
        self.stages: dict[int, dict[str, Stage]] = {}
        self.now = timezone.now()

    def take(self, offset: int, rows: list[DealRow], *, dry_run: bool) -> None:
        """Sort the rows of a chunk into new, changed, unchanged and refused, and write them."""
        ids = [row.external_id for row in rows]
        locked = Deal.objects.select_for_update(of=("self",), no_key=True).filter(external_id__in=ids).order_by("pk")
        known = {deal.external_id: deal for deal in locked}
        new: list[Deal] = []
        changed: list[_Change] = []
        for index, row in enumerate(rows, start=offset):
            if row.external_id in self.seen:
                self.result.refused.append((index, "external_id", TWICE))
                continue
            self.seen.add(row.external_id)
            deal = known.get(row.external_id)
            if deal is None:
                self._sort_new(index, row, new)
            else:
                self._sort_known(index, row, deal, changed)
        if not dry_run and (new or changed):
            mark_bulk()
            self._write(new, changed)

    def _sort_new(self, index: int, row: DealRow, new: list[Deal]) -> None:
        told = _told(row, Outcome.OPEN)
        if "version" not in told:
            told["version"] = row.stage.version if row.stage else self._version_for(row.segment)
        opened_at = told.get("closed_at", self.now)
        deal = Deal(workspace_id=self.actor.workspace_id, opened_at=opened_at, name=row.external_id)
        told |= self._stage_of(row, told["version"].pk if told["version"] else None)
        if trouble := self._set(deal, told):
            self.result.refused.append((index, *trouble))
        else:
            new.append(deal)
            self.result.created += 1

    def _sort_known(self, index: int, row: DealRow, deal: Deal, changed: list[_Change]) -> None:
        told = _told(row, deal.outcome)
        told |= self._stage_of(row, told["version"].pk if "version" in told else deal.version_id)
        before = {name: _plain(deal, name) for name in told}
        differing = {name: value for name, value in told.items() if before[name] != _as_plain(value)}
        if not differing:
            self.result.unchanged += 1
            return
        if "version" in differing and "stage" not in told:  # the stage of the former version
            differing["stage"], before["stage"] = None, deal.stage_id
        if trouble := self._set(deal, differing):
            self.result.refused.append((index, *trouble))
        else:
            changed.append(_Change(deal, before, differing))
            self.result.changed += 1

    def _set(self, deal: Deal, values: dict[str, Any]) -> tuple[str, str] | None:
        """Set the values and give the first field that does not hold, with its sentence."""
        for name, value in values.items():
            setattr(deal, name, value)
        if deal.outcome == Outcome.OPEN:
            deal.closed_at = None
        elif values.get("outcome") and deal.closed_at is None:
            deal.closed_at = self.now
        try:
            deal.clean_fields(exclude={"workspace", *LINKS})
            for name in ("opened_at", "closed_at"):
                if values.get(name) is not None:
                    refuse_impossible_moment(values[name], field=name)
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            return name, messages[0]
        except ApplicationError as error:
            return next(iter(error.fields)), error.message
        if "stage" in values and _is_astray(deal):
            return "stage", "This stage is not part of the deal's process."
        return _misfit(deal)

    def _version_for(self, segment: Segment | None) -> Version | None:
        key = segment.pk if segment else None
        if key not in self.versions:
            self.versions[key] = version_for(segment)
        return self.versions[key]

    def _stage_of(self, row: DealRow, version_id: int | None) -> dict[str, Stage]:
        """Give the stage that the row names; a stage that no version has where there is none, which is refused."""
        if row.stage_told is None:
            return {}
        if version_id is not None and version_id not in self.stages:
            stages = list(Stage.objects.filter(version_id=version_id).order_by("-position"))
            named = {stage.name.lower(): stage for stage in stages}
            self.stages[version_id] = named | {str(stage.pk): stage for stage in stages}
        known = self.stages.get(version_id or 0, {})
        return {"stage": known.get(row.stage_told.strip().lower(), Stage(pk=0))}

    def _write(self, new: list[Deal], changed: list[_Change]) -> None:
        Deal.objects.bulk_create(new)
        if changed:
            names = sorted({name for change in changed for name in change.told} | {"closed_at", "updated_at"})
            # an upsert on the id: one statement, where bulk_update writes a CASE for every row and field
            Deal.objects.bulk_create(
                [change.deal for change in changed], update_conflicts=True, update_fields=names, unique_fields=["id"]
            )
        moves: list[tuple[Deal, Any, datetime]] = [(deal, None, deal.opened_at) for deal in new if deal.stage_id]
        moves += [
            (change.deal, change.before["stage"], self.now)
            for change in changed
            if change.moved("stage") and change.deal.stage_id
        ]
        StageEvent.objects.bulk_create(
            StageEvent(**self._fact(deal, at, "From the import"), from_stage_id=before, to_stage=deal.stage)
            for deal, before, at in moves
        )
        ended = [deal for deal in new if deal.outcome != Outcome.OPEN]
        ended += [change.deal for change in changed if change.moved("outcome")]
        OutcomeEvent.objects.bulk_create(
            OutcomeEvent(**self._fact(deal, deal.closed_at or self.now, "From the import"), outcome=deal.outcome)
            for deal in ended
        )

    def _fact(self, deal: Deal, at: datetime, note: str) -> dict[str, Any]:
        return {
            "workspace_id": self.actor.workspace_id,
            "deal": deal,
            "occurred_at": at,
            "actor": self.actor,
            "note": note,
        }


def _told(row: DealRow, outcome: str) -> dict[str, Any]:
    """Give what a row tells of a deal with this outcome; when an open deal should close is not when it closed."""
    told = row.told()
    if told.get("outcome", outcome) == Outcome.OPEN:
        told.pop("closed_at", None)
    return told


def _misfit(deal: Deal) -> tuple[str, str] | None:
    if deal.amount is not None and deal.amount < 0:
        return "amount", "An amount is 0 or more."
    if deal.closed_at is not None and deal.closed_at < deal.opened_at:
        return "closed_at", "A deal closes after it was opened."
    return None


def _is_astray(deal: Deal) -> bool:
    stage = deal.stage
    return stage is not None and (not stage.version_id or stage.version_id != deal.version_id)


def _plain(deal: Deal, name: str) -> Any:
    return getattr(deal, f"{name}_id" if name in LINKS else name)


def _as_plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value
