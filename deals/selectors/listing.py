"""The list of deals: what it is narrowed to, in which order, and a page of it from a place in that order.

A page begins behind a place (the value that is sorted by, and the deal's id), never behind so many rows: the
thousandth page costs what the first one does. Rows without a value come last and are ordered by id alone.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.utils.dateparse import parse_datetime

from accounts.choices import Role
from accounts.models import Membership
from buying_process.models import Stage, Version
from core.identifiers import number_of
from deals.choices import APART, CIRCLES_FROM, MAX_ATTEMPTS, Outcome, Reason
from deals.models import Deal, DealQuerySet
from deals.selectors.alerts import alerted
from deals.selectors.deals import ROW, owner_of, visible_deals
from interviews.models import Segment

PAGE_SIZE = 25
COUNTED_AT_MOST = 1000
CHOICES_AT_MOST = 500
GIVEN_UP = Q(alignment__scored_version__lt=F("alignment__inputs_version"), alignment__attempts__gte=MAX_ATTEMPTS)


def ahead(of: str = "") -> Q:
    """Match where we are ahead of them; `of` leads to the score."""
    return Q(**{f"{of}gap__gte": APART})


def behind(of: str = "") -> Q:
    """Match where they are ahead of us, likewise."""
    return Q(**{f"{of}gap__lte": -APART})


BANDS: dict[str, tuple[str, Q]] = {
    "high": ("70 and more", Q(alignment__score__gte=70)),
    "middle": ("40 to 70", Q(alignment__score__gte=40, alignment__score__lt=70)),
    "low": ("Under 40", Q(alignment__score__lt=40)),
    "none": ("No score yet", Q(alignment__score__isnull=True)),
    "unseen": ("Nothing seen", Q(alignment__score__isnull=True, alignment__reason=Reason.NO_EVIDENCE)),
    "failed": ("Could not be computed", GIVEN_UP),
}
GAPS: dict[str, tuple[str, Q]] = {
    "ahead": ("We are ahead of them", ahead("alignment__")),
    "together": ("Together, or nearly", Q(alignment__gap__gt=-APART, alignment__gap__lt=APART)),
    "behind": ("We are behind them", behind("alignment__")),
}
IN_CIRCLES = Q(alignment__returns_seen__gt=1) & Q(
    alignment__returns_seen__gt=Value(CIRCLES_FROM) * F("alignment__returns_expected")
)
CHAOS: dict[str, tuple[str, Q]] = {
    "circles": ("Going in circles", IN_CIRCLES),
    "calm": ("Straight on, or as usual", ~IN_CIRCLES),
}
CHANCES: dict[str, tuple[str, Q]] = {
    "likely": ("50% and more", Q(alignment__outlook__0__gte=0.5)),
    "open": ("25% to 50%", Q(alignment__outlook__0__gte=0.25, alignment__outlook__0__lt=0.5)),
    "unlikely": ("Under 25%", Q(alignment__outlook__0__lt=0.25)),
}


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    value = parse_datetime(text)
    if value is None or value.tzinfo is None:
        raise ValueError(text)
    return value


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Sort:
    """A column to sort by: its label, its value, how a place in it is read, and what both directions are called.

    `scored` says that the value is the alignment's.
    """

    label: str
    value: Any
    read: Callable[[str], Any]
    rising: str
    falling: str
    may_lack: bool = True
    scored: bool = False


CHAOS_RATIO = F("alignment__returns_seen") / NullIf(F("alignment__returns_expected"), Value(0.0))
SORTS: dict[str, Sort] = {
    "name": Sort("Deal", F("name"), _text, "A to Z", "Z to A", may_lack=False),
    "owner": Sort("Owner", F("owner__user__full_name"), _text, "A to Z", "Z to A"),
    "alignment": Sort("Alignment", F("alignment__score"), _float, "lowest first", "highest first", scored=True),
    "gap": Sort(
        "Ahead or behind", F("alignment__gap"), _float, "furthest behind first", "furthest ahead first", scored=True
    ),
    "chaos": Sort("How chaotic", CHAOS_RATIO, _float, "calmest first", "most chaotic first", scored=True),
    "outlook": Sort("Chance to win", F("alignment__outlook__0"), _float, "lowest first", "highest first", scored=True),
    "stage": Sort("Stage", F("stage__position"), int, "first stage first", "last stage first"),
    "segment": Sort("Segment", F("segment__name"), _text, "A to Z", "Z to A"),
    "amount": Sort("Amount", F("amount"), _decimal, "smallest first", "largest first"),
    "opened": Sort("Opened", F("opened_at"), _moment, "oldest first", "newest first", may_lack=False),
}
DEFAULT_SORT = "-opened"
NO_STAGE = 0  # asks for the deals of which no stage is logged


@dataclass(frozen=True)
class DealFilters:
    """What a list is narrowed to; None and "" leave it open."""

    q: str = ""
    outcome: str = Outcome.OPEN
    band: str = ""
    gap: str = ""
    chaos: str = ""
    alert: str = ""
    chance: str = ""
    owner: int | None = None
    team: int | None = None
    segment: int | None = None
    version: int | None = None
    stage: int | None = None
    likely: int | None = None
    sort: str = DEFAULT_SORT


def narrowed(membership: Membership, filters: DealFilters) -> DealQuerySet:
    """Give the visible deals that the filters leave, in no order."""
    deals = visible_deals(membership).order_by()
    if filters.likely or filters.band or filters.gap or filters.chaos or filters.chance:
        deals = deals.beside_alignment()
    for name, value in (
        ("outcome", filters.outcome),
        ("owner_id", filters.owner),
        ("owner__team_id", filters.team),
        ("segment_id", filters.segment),
        ("version_id", filters.version),
        ("stage_id", filters.stage),
        ("alignment__likely_stage_id", filters.likely),
    ):
        if value:
            deals = deals.filter(**{name: value})
    if filters.stage == NO_STAGE:
        deals = deals.filter(stage__isnull=True)
    if filters.likely:  # without a score nobody knows where they are
        deals = deals.filter(alignment__score__isnull=False)
    for bands, name in ((BANDS, filters.band), (GAPS, filters.gap), (CHAOS, filters.chaos), (CHANCES, filters.chance)):
        if name in bands:
            deals = deals.filter(bands[name][1])
    if filters.alert:
        deals = deals.filter(alerted(filters.alert))
    return deals.named(filters.q) if filters.q else deals


@dataclass(frozen=True)
class Count:
    """How many rows there are, counted no further than a thousand."""

    rows: int
    more: bool


def count_of(deals: QuerySet[Deal]) -> Count:
    """Count the deals, a thousand at most. One query."""
    found = deals.values("pk")[: COUNTED_AT_MOST + 1].count()
    return Count(min(found, COUNTED_AT_MOST), found > COUNTED_AT_MOST)


@dataclass(frozen=True)
class Place:
    """Where in the order a page begins: behind this value and this deal; without a value among those that lack it."""

    pk: int
    value: Any = None

    def __str__(self) -> str:
        if self.value is None:
            return str(self.pk)
        return f"{self.pk}~{self.value.isoformat() if isinstance(self.value, datetime) else self.value}"


@dataclass(frozen=True)
class ListPage:
    """Some deals in order, with the places of the pages before and behind; "" where there is none."""

    deals: list[Deal]
    before: str = ""
    after: str = ""

    @property
    def is_due(self) -> bool:
        """Tell whether the score of one of them is being computed anew."""
        return any(deal.alignment.is_stale and not deal.alignment.is_given_up for deal in self.deals)


def page_of_list(
    deals: DealQuerySet, sort: str, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> ListPage:
    """Give the deals behind one place of the order, or before another. One query, two where values may lack."""
    chosen, falling = _sort(sort)
    back = bool(before)
    place = _place(before if back else after, chosen)
    keyed = (deals.beside_alignment() if chosen.scored else deals).annotate(sorted_by=chosen.value)
    rows: list[Deal] = []
    for lacks in _parts(chosen, place, back=back):
        part = _behind(keyed, chosen, place, lacks=lacks, falling=falling != back)
        # The order is found by ids alone; what a row shows is read for the few that are shown.
        ids = part.values("pk")[: size + 1 - len(rows)]
        shown = Deal.objects.filter(pk__in=ids).annotate(sorted_by=chosen.value).select_related(*ROW)
        rows += _in_order(shown, lacks=lacks, falling=falling != back)
        if len(rows) > size:
            break
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return ListPage([])
    first, last = (str(Place(row.pk, row.sorted_by)) for row in (rows[0], rows[-1]))  # type: ignore[attr-defined]
    return ListPage(rows, first if (more if back else place) else "", last if back or more else "")


def in_order(deals: QuerySet[Deal], sort: str) -> QuerySet[Deal]:
    """Give all of the deals in the order of the list."""
    chosen, falling = _sort(sort)
    keyed = deals.annotate(sorted_by=chosen.value).select_related(*ROW, "segment")
    value = F("sorted_by")
    if falling:
        return keyed.order_by(value.desc(nulls_last=True), "-pk")
    return keyed.order_by(value.asc(nulls_last=True), "pk")


def _sort(sort: str) -> tuple[Sort, bool]:
    known = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    return SORTS[known.removeprefix("-")], known.startswith("-")


def _place(text: str, sort: Sort) -> Place | None:
    """Read a place; one that cannot be read is the beginning."""
    pk, _, value = text.partition("~")
    if not number_of(pk):
        return None
    if not value:
        return Place(number_of(pk)) if sort.may_lack else None
    try:
        return Place(number_of(pk), sort.read(value))
    except (ValueError, InvalidOperation):
        return None


def _parts(sort: Sort, place: Place | None, *, back: bool) -> list[bool]:
    """Say which parts of the order lie behind the place: those with a value (False), those that lack one (True)."""
    if not sort.may_lack:
        return [False]
    lacks = place is not None and place.value is None
    if back:
        return [True, False] if lacks else [False]
    return [True] if lacks else [False, True]


def _in_order(keyed: QuerySet[Any, Any], *, lacks: bool, falling: bool) -> QuerySet[Any, Any]:
    sign = "-" if falling else ""
    return keyed.order_by(f"{sign}pk") if lacks else keyed.order_by(f"{sign}sorted_by", f"{sign}pk")


def _behind(
    keyed: QuerySet[Any, Any], sort: Sort, place: Place | None, *, lacks: bool, falling: bool
) -> QuerySet[Deal]:
    part = keyed.filter(sorted_by__isnull=lacks) if sort.may_lack else keyed
    if place is not None and (place.value is None) == lacks:
        behind_id = Q(**{"pk__lt" if falling else "pk__gt": place.pk})
        part = part.filter(behind_id if lacks else _row_comparison(place, falling=falling))
    return _in_order(part, lacks=lacks, falling=falling)


def _row_comparison(place: Place, *, falling: bool) -> Func:
    """Compare (value, id) with the place as one row, which an index on both answers."""
    ours = Func(F("sorted_by"), F("pk"), template="(%(expressions)s)", output_field=BooleanField())
    theirs = Func(Value(place.value), Value(place.pk), template="(%(expressions)s)", output_field=BooleanField())
    joiner = " < " if falling else " > "
    return Func(ours, theirs, template="(%(expressions)s)", arg_joiner=joiner, output_field=BooleanField())


@dataclass(frozen=True)
class Choices:
    """What the filters offer."""

    owners: list[tuple[int, str]] = field(default_factory=list)
    segments: list[tuple[int, str]] = field(default_factory=list)
    versions: list[tuple[int, str]] = field(default_factory=list)
    stages: list[tuple[int, str]] = field(default_factory=list)


def choices(membership: Membership) -> Choices:
    """Give what the deals can be filtered by; three queries, each a look into an index for what it offers."""
    held = Deal.objects.filter(version=OuterRef("pk"))
    versions = Version.objects.visible_to(membership).filter(Exists(held)).order_by()
    stages = (
        Stage.objects.filter(version__in=versions)
        .select_related("version__process")
        .order_by("version__process__name", "-version__number", "position")
    )
    rows = list(stages)
    names = {stage.version_id: str(stage.version) for stage in rows}
    people = _owners(membership).values_list("pk", "user__full_name", "user__email")[:CHOICES_AT_MOST]
    return Choices(
        owners=[(pk, name or email) for pk, name, email in people],
        segments=list(Segment.objects.visible_to(membership).values_list("pk", "name")),
        versions=list(names.items()),
        stages=[(stage.pk, stage.name if len(names) == 1 else f"{stage.name} ({stage.version})") for stage in rows],
    )


def _owners(membership: Membership) -> QuerySet[Membership]:
    """Give the people whose deals a member sees: a rep's own, and those of the deals that are shared with them."""
    members = Membership.objects.visible_to(membership).order_by("user__full_name")
    if membership.role == Role.REP:
        shared = Deal.objects.filter(shared_with=membership).order_by().values("owner")
        return members.filter(Q(pk=membership.pk) | Q(pk__in=shared))
    return members.filter(Exists(visible_deals(membership).filter(owner=OuterRef("pk"))))


EXPORT_COLUMNS = (
    "ID", "External ID", "Deal", "Account", "Owner", "Segment", "Amount", "Currency", "Outcome", "Opened", "Closed",
    "Stage", "They are probably at", "Ahead (+) or behind (-)", "Alignment", "Why no score", "Position", "Evidence",
    "People", "Information", "Effort", "Won", "Lost", "No decision", "Days left", "Returns seen", "Returns expected",
    "As of",
)  # fmt: skip


def export_rows(deals: QuerySet[Deal]) -> Iterable[list[Any]]:
    """Give one row a deal for a spreadsheet, read from the database as they are asked for."""
    for deal in deals.iterator(chunk_size=2000):
        row = deal.alignment
        won, lost, none = row.outlook or (None, None, None)
        yield [
            deal.pk, deal.external_id, deal.name, deal.account, owner_of(deal), deal.segment, deal.amount,
            deal.currency, deal.get_outcome_display(), deal.opened_at, deal.closed_at, deal.stage, row.likely_stage,
            row.gap, row.score, row.reason, row.component_position, row.component_evidence, row.component_people,
            row.component_information, row.component_effort, won, lost, none, row.days_left, row.returns_seen,
            row.returns_expected, row.as_of,
        ]  # fmt: skip
