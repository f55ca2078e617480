"""The board: the open deals of one version by the stage that was logged, the least aligned on top.

A column shows its first cards; more of them are loaded from the place of the last one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum

from accounts.models import Membership
from buying_process.models import Stage, Version
from deals.models import Alignment, AlignmentQuerySet, Deal
from deals.selectors.deals import LEAST_ALIGNED, visible_deals
from deals.selectors.listing import ListPage, Place, page_of_list

CARDS = 12
MORE_CARDS = 50
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
    """Give the board of a version, or of the one with the most open deals. Five queries.

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
    scores = Alignment.objects.visible_to(membership).open().filter(version=chosen)
    shown = deals.filter(version=chosen, pk__in=[*_least_aligned(scores, list(groups)), moved])
    cards: dict[int | None, list[Deal]] = defaultdict(list)
    for deal in shown.select_related(*CARD).order_by(*LEAST_ALIGNED):
        cards[deal.stage_id].insert(0 if deal.pk == moved else len(cards[deal.stage_id]), deal)
    return Board(chosen, versions, [_column(stage, groups, cards) for stage in stages])


def _least_aligned(scores: AlignmentQuerySet, stages: Sequence[int | None]) -> list[int]:
    """Give the ids of each stage's least aligned deals. One query, which reads no more than these from the index."""
    lowest = scores.order_by(F("score").asc(nulls_last=True), "pk").values_list("pk", flat=True)
    first, *others = (lowest.filter(stage=stage)[:CARDS] for stage in stages)
    return list(first.union(*others, all=True))


def _column(
    stage: Stage | None, groups: Mapping[int | None, Mapping[str, Any]], cards: Mapping[int | None, list[Deal]]
) -> BoardColumn:
    pk = stage.pk if stage else None
    if pk not in groups:
        return BoardColumn(stage, [])
    row, deals = groups[pk], cards.get(pk, [])
    more = row["count"] > len(deals) and deals
    after = str(Place(deals[-1].pk, deals[-1].alignment.score)) if more else ""
    return BoardColumn(stage, deals, row["count"], row["sum"] or Decimal(0), after)


def more_cards(membership: Membership, *, version_id: int, stage_id: int, after: str, moved: int = 0) -> ListPage:
    """Give the deals of a column behind a place, but for the one on top; stage 0 is none yet. Two queries."""
    column = {"stage": stage_id} if stage_id else {"stage__isnull": True}
    deals = visible_deals(membership).open().filter(version=version_id, **column).exclude(pk=moved)
    return page_of_list(deals.order_by(), ORDER, after=after, size=MORE_CARDS)
