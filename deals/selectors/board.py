"""The board: the open deals of one version by the stage that was logged, the least aligned on top.

A column shows its first cards; more of them are loaded from the place of the last one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber

from accounts.models import Membership
from buying_process.models import Stage, Version
from deals.models import Alignment, Deal, DealQuerySet
from deals.selectors.deals import LEAST_ALIGNED, visible_deals
from deals.selectors.listing import ListPage, Place, page_of_list

CARDS = 10
MORE_CARDS = 50
RANKED_AT_ONCE = 25_000  # of more deals, those with low scores are ranked first
CARD = ("alignment__likely_stage", "owner__user")  # what a card shows
ORDER = "alignment"  # LEAST_ALIGNED, as the list names it


@dataclass(frozen=True)
class BoardColumn:
    """A stage of the board: its first deals, how many there are, and the place from which there are more."""

    stage: Stage | None
    deals: list[Deal]
    count: int = 0
    amount: Decimal = Decimal(0)
    after: str = ""


@dataclass(frozen=True)
class Board:
    """The open deals of one version by the stage that was logged."""

    version: Version | None
    versions: list[Version]
    columns: list[BoardColumn] = field(default_factory=list)


def held_by_version(counted: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """Sum groups of deals up by the version that they go by; those without one are left out."""
    held: dict[int, int] = defaultdict(int)
    for row in counted:
        if row["version_id"] is not None:
            held[row["version_id"]] += row["count"]
    return dict(held)


def versions_of(held: Iterable[int]) -> list[Version]:
    """Give versions in the order in which they are offered. One query."""
    versions = Version.objects.filter(pk__in=list(held)).select_related("process")
    return list(versions.order_by("process__name", "-number"))


def version_chosen(versions: Sequence[Version], held: Mapping[int, int], version_id: int) -> Version | None:
    """Give the version that is asked for, else the one that most deals go by."""
    asked = next((each for each in versions if each.pk == version_id), None)
    return asked or max(versions, key=lambda each: (held[each.pk], each.pk), default=None)


def board_of(membership: Membership, version_id: int, *, moved: int = 0) -> Board:
    """Give the board of a version, or of the one with the most open deals. Five queries, at most seven for many deals.

    A deal that was just moved is on top of its column, wherever its alignment would put it.
    """
    deals = visible_deals(membership).open().order_by()
    counted = list(deals.values("version_id", "stage_id").annotate(count=Count("pk"), sum=Sum("amount")))
    held = held_by_version(counted)
    versions = versions_of(held)
    chosen = version_chosen(versions, held, version_id)
    if chosen is None:
        return Board(None, versions)
    groups = {row["stage_id"]: row for row in counted if row["version_id"] == chosen.pk}
    stages: list[Stage | None] = list(chosen.stages.order_by("position"))
    if None in groups:
        stages.insert(0, None)
    cards = _first_cards(deals.filter(version=chosen), {stage: row["count"] for stage, row in groups.items()}, moved)
    return Board(chosen, versions, [_column(stage, groups, cards) for stage in stages])


def _first_cards(deals: DealQuerySet, held: Mapping[int | None, int], moved: int) -> dict[int | None, list[Deal]]:
    """Give the least aligned deals of each stage, in order. Two queries: one ranks them, one reads the first.

    Of many deals, only those under the score that so many have are ranked, and after them the stages of which too few
    have so low a score: at most two queries more.
    """
    enough = _low_score() if sum(held.values()) > RANKED_AT_ONCE else None
    first = _ranked(deals if enough is None else deals.filter(alignment__score__lte=enough))
    lacking = [stage for stage, count in held.items() if len(first[stage]) < min(count, CARDS)]
    if lacking and enough is not None:
        first |= _ranked(deals.filter(_at(lacking)))
    shown = [pk for pks in first.values() for pk in pks]
    cards: dict[int | None, list[Deal]] = defaultdict(list)
    for deal in deals.filter(pk__in=[*shown, moved]).select_related(*CARD).order_by(*LEAST_ALIGNED):
        cards[deal.stage_id].insert(0 if deal.pk == moved else len(cards[deal.stage_id]), deal)
    return cards


def _at(stages: Sequence[int | None]) -> Q:
    """Match the deals of some stages; None are those without."""
    some = Q(stage__in=[stage for stage in stages if stage is not None])
    return some | Q(stage__isnull=True) if None in stages else some


def _low_score() -> float | None:
    """Give the score that as many deals of the workspace are at or under as are ranked at once, if so many have one."""
    scores = Alignment.objects.order_by(F("score").asc(nulls_last=True), "deal_id").values_list("score", flat=True)
    return next(iter(scores[RANKED_AT_ONCE - 1 : RANKED_AT_ONCE]), None)


def _ranked(deals: DealQuerySet) -> dict[int | None, list[int]]:
    """Give the ids of the least aligned deals of each stage. One query."""
    rank = Window(RowNumber(), partition_by="stage", order_by=LEAST_ALIGNED)
    first: dict[int | None, list[int]] = defaultdict(list)
    for stage, pk in deals.beside_alignment().annotate(rank=rank).filter(rank__lte=CARDS).values_list("stage_id", "pk"):
        first[stage].append(pk)
    return first


def _column(
    stage: Stage | None, groups: Mapping[int | None, Mapping[str, Any]], cards: Mapping[int | None, list[Deal]]
) -> BoardColumn:
    pk = stage.pk if stage else None
    if pk not in groups:
        return BoardColumn(stage, [])
    row, deals = groups[pk], cards.get(pk, [])
    more = row["count"] > CARDS and deals
    after = str(Place(deals[-1].pk, deals[-1].alignment.score)) if more else ""
    return BoardColumn(stage, deals, row["count"], row["sum"] or Decimal(0), after)


def more_cards(membership: Membership, *, version_id: int, stage_id: int, after: str, moved: int = 0) -> ListPage:
    """Give the deals of a column behind a place, but for the one on top; stage 0 is none yet. Two queries."""
    column = {"stage": stage_id} if stage_id else {"stage__isnull": True}
    deals = visible_deals(membership).open().filter(version=version_id, **column).exclude(pk=moved)
    return page_of_list(deals.order_by(), ORDER, after=after, size=MORE_CARDS)
