"""Many signals at once, as another system saw them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership
from buying_process.choices import Actor
from buying_process.models import StageActivity
from core import audit
from core.exceptions import ApplicationError
from core.jobs import enqueue
from deals.choices import Word
from deals.models import Deal, Signal
from deals.services.alignment import DOORBELL
from deals.services.loading import TWICE, LoadResult, chunks
from deals.services.urgency import mark_bulk
from deals.validators import refuse_after_closing, refuse_impossible_moment

FOLLOW = """
    UPDATE deals_deal SET last_signal_at = standing.latest, updated_at = %s
    FROM (
        SELECT deal_id, max(occurred_at) AS latest FROM deals_signal
        WHERE deal_id = ANY(%s) AND retracted_at IS NULL GROUP BY deal_id
    ) AS standing
    WHERE deals_deal.id = standing.deal_id
"""


@dataclass(frozen=True)
class SignalRow:
    """A signal as another system tells it; the deal by our id or by theirs, the activity by its code's id or name."""

    activity: str
    word: str
    occurred_at: datetime
    deal_id: str = ""
    deal_external_id: str = ""
    external_id: str = ""
    note: str = ""


def signals_load(*, rows: Iterable[SignalRow], actor: Membership) -> LoadResult:
    """Log one signal a row, in a constant number of queries a chunk. O(rows).

    A row with an `external_id` that the deal knows changes nothing when it says the same; with other content the former
    is taken back and the new one logged. A refused row is named and leaves the others alone.
    """
    with transaction.atomic():
        load = _SignalLoad(actor)
        for offset, chunk in chunks(rows):
            load.take(offset, chunk)
        load.follow()
        result = load.result
        if result.created or result.changed:
            changes = {"created": result.created, "changed": result.changed}
            audit.record("signal.load", actor.workspace, actor=actor, changes=changes)
            enqueue(DOORBELL)
    return result


class RowRefusedError(Exception):
    """A row does not hold: the field and a sentence."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name, self.sentence = name, sentence


class _SignalLoad:
    """One load under way."""

    def __init__(self, actor: Membership) -> None:
        self.actor = actor
        self.result = LoadResult()
        self.seen: set[tuple[int, str]] = set()
        self.activities: dict[int, dict[str, StageActivity]] = {}
        self.touched: set[int] = set()

    def follow(self) -> None:
        """Keep the moment of each touched deal's latest standing signal beside the deal; one pass over its signals."""
        if self.touched:
            with connection.cursor() as cursor:
                cursor.execute(FOLLOW, [timezone.now(), sorted(self.touched)])

    def take(self, offset: int, rows: list[SignalRow]) -> None:
        """Log the rows of a chunk."""
        deals = self._deals(rows)
        self._learn_activities({deal.version_id for deal in deals.values() if deal.version_id})
        former = self._former(rows, deals)
        new: list[Signal] = []
        taken_back: list[int] = []
        for index, row in enumerate(rows, start=offset):
            try:
                signal = self._signal(row, deals)
            except RowRefusedError as refused:
                self.result.refused.append((index, refused.name, refused.sentence))
                continue
            known = former.get((signal.deal_id, row.external_id)) if row.external_id else None
            if known is not None and _same(known, signal):
                self.result.unchanged += 1
                continue
            if known is not None and known.retracted_at is None:
                taken_back.append(known.pk)
                self.result.changed += 1
            else:
                self.result.created += 1
            new.append(signal)
        if new:
            self._write(new, taken_back)

    def _deals(self, rows: list[SignalRow]) -> dict[str, Deal]:
        """Give the deals that the rows name and the actor may see, by both kinds of id, locked."""
        ids = {int(row.deal_id) for row in rows if row.deal_id.isdecimal() and row.deal_id.isascii()}
        named = {row.deal_external_id for row in rows if row.deal_external_id}
        visible = Deal.objects.visible_to(self.actor).filter(Q(pk__in=ids) | Q(external_id__in=named))
        locked = Deal.objects.select_for_update(no_key=True).filter(pk__in=visible.values("pk")).order_by("pk")
        found: dict[str, Deal] = {}
        for deal in locked:
            found[f"id:{deal.pk}"] = deal
            if deal.external_id:
                found[f"external_id:{deal.external_id}"] = deal
        return found

    def _learn_activities(self, version_ids: set[int]) -> None:
        unknown = version_ids - set(self.activities)
        if not unknown:
            return
        self.activities |= {version_id: {} for version_id in unknown}
        told = StageActivity.objects.filter(stage__version_id__in=unknown, actor=Actor.CUSTOMER)
        for activity in told.select_related("stage", "code").order_by("stage__position", "position", "pk"):
            by_name = self.activities[activity.stage.version_id]
            by_name.setdefault(activity.name.lower(), activity)
            by_name.setdefault(f"id:{activity.code_id or activity.pk}", activity)
            if activity.code:
                by_name.setdefault(activity.code.name.lower(), activity)

    @staticmethod
    def _former(rows: list[SignalRow], deals: dict[str, Deal]) -> dict[tuple[int, str], Signal]:
        ids = {row.external_id for row in rows if row.external_id}
        if not ids:
            return {}
        pks = {deal.pk for deal in deals.values()}
        told = Signal.objects.filter(deal_id__in=pks, external_id__in=ids).order_by("pk")
        return {(signal.deal_id, signal.external_id): signal for signal in told}

    def _signal(self, row: SignalRow, deals: dict[str, Deal]) -> Signal:
        deal = deals.get(f"id:{row.deal_id}" if row.deal_id else f"external_id:{row.deal_external_id}")
        if deal is None:
            raise RowRefusedError("deal", "There is no such deal.")
        known = self.activities.get(deal.version_id or 0, {})
        activity = known.get(f"id:{row.activity}") or known.get(row.activity.strip().lower())
        if activity is None:
            raise RowRefusedError("activity", "The deal's process has no such activity of the customer's.")
        if row.word not in Word.values:
            raise RowRefusedError("word", "Say whose word it is.")
        try:
            refuse_impossible_moment(row.occurred_at)
            refuse_after_closing(outcome=deal.outcome, closed_at=deal.closed_at, moment=row.occurred_at)
        except ApplicationError as error:
            raise RowRefusedError("occurred_at", error.message) from error
        if row.external_id:
            if (deal.pk, row.external_id) in self.seen:
                raise RowRefusedError("external_id", TWICE)
            self.seen.add((deal.pk, row.external_id))
        return Signal(
            workspace_id=self.actor.workspace_id,
            deal=deal,
            activity=activity,
            word=row.word,
            occurred_at=row.occurred_at,
            external_id=row.external_id,
            note=row.note,
            actor=self.actor,
        )

    def _write(self, new: list[Signal], taken_back: list[int]) -> None:
        mark_bulk()
        if taken_back:
            Signal.objects.filter(pk__in=taken_back).update(retracted_at=timezone.now())
        Signal.objects.bulk_create(new)
        self.touched.update(signal.deal_id for signal in new)


def _same(one: Signal, other: Signal) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("activity_id", "word", "occurred_at", "note"))
