"""The board: the open deals of one version by the stage that was logged, the least aligned on top.

A column shows its first cards; more of them are loaded from the place of the last one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, QuerySet, Sum

from accounts.models import Membership
from buying_process.models import Stage, Version
from deals.models import Deal
from deals.selectors.deals import ROW, visible_deals
from deals.selectors.listing import ListPage, Place, page_of_list

CARDS = 50
ORDER = "alignment"
LEAST_ALIGNED = (F("alignment__score").asc(nulls_last=True), F("pk").asc())  # the same order


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


def versions_held(deals: QuerySet[Deal]) -> tuple[list[Version], dict[int, int]]:
    """Give the versions that deals go by, and how many by each. Two queries."""
    rows = deals.filter(version__isnull=False).order_by().values_list("version_id").annotate(deals=Count("pk"))
    held: dict[int, int] = dict(rows)
    versions = Version.objects.filter(pk__in=held).select_related("process").order_by("process__name", "-number")
    return list(versions), held


def version_chosen(versions: Sequence[Version], held: Mapping[int, int], version_id: int) -> Version | None:
    """Give the version that is asked for, else the one that most deals go by."""
    asked = next((each for each in versions if each.pk == version_id), None)
    return asked or max(versions, key=lambda each: (held[each.pk], each.pk), default=None)


def board_of(membership: Membership, version_id: int) -> Board:
    """Give the board of a version, or of the one with the most open deals. Five queries."""
    deals = visible_deals(membership).open()
    versions, held = versions_held(deals)
    chosen = version_chosen(versions, held, version_id)
    if chosen is None:
        return Board(None, versions)
    by_stage = (
        deals.filter(version=chosen, alignment__workspace_id=membership.workspace_id)
        .order_by()
        .values("stage_id")
        .annotate(
            count=Count("pk"),
            sum=Sum("amount"),
            ids=ArrayAgg("pk", order_by=LEAST_ALIGNED),  # type: ignore[arg-type]  # the stubs know names alone
        )
    )
    groups = {row["stage_id"]: row for row in by_stage}
    shown = [pk for row in groups.values() for pk in row["ids"][:CARDS]]
    cards = Deal.objects.filter(pk__in=shown).select_related(*ROW).in_bulk()
    stages: list[Stage | None] = list(chosen.stages.order_by("position"))
    if None in groups:
        stages.insert(0, None)
    return Board(chosen, versions, [_column(stage, groups.get(stage.pk if stage else None), cards) for stage in stages])


def _column(stage: Stage | None, row: Mapping[str, Any] | None, cards: Mapping[int, Deal]) -> BoardColumn:
    if row is None:
        return BoardColumn(stage, [])
    deals = [cards[pk] for pk in row["ids"][:CARDS] if pk in cards]
    more = row["count"] > CARDS and deals
    after = str(Place(deals[-1].pk, deals[-1].alignment.score)) if more else ""
    return BoardColumn(stage, deals, row["count"], row["sum"] or Decimal(0), after)


def more_cards(membership: Membership, *, version_id: int, stage_id: int, after: str) -> ListPage:
    """Give the deals of a column behind a place; stage 0 is none yet. Two queries."""
    column = {"stage": stage_id} if stage_id else {"stage__isnull": True}
    deals = visible_deals(membership).open().filter(version=version_id, **column)
    narrowed = deals.filter(alignment__workspace_id=membership.workspace_id).order_by()
    return page_of_list(narrowed, ORDER, after=after, size=CARDS)
