"""Lists of interviews and guides: found, filtered, counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Membership
from interviews.choices import PurchaseOutcome, SuggestionState
from interviews.models import Answer, Excerpt, Guide, GuideVersion, Interview, Moment, Source, Suggestion
from interviews.selectors.sources import sources_waiting

SORTS = {
    "-held_on": ("-held_on", "-pk"),
    "held_on": ("held_on", "pk"),
    "customer": ("customer", "pk"),
    "-customer": ("-customer", "pk"),
    "outcome": ("outcome", "-held_on"),
    "-passages": ("-passages", "-held_on"),
    "passages": ("passages", "-held_on"),
}
MOST_GROUPS = 6
NO_SEGMENT = 0  # asks for the interviews without a segment
NO_ROLE = "-"  # asks for those of which nobody said who told them


def found_interviews(membership: Membership, query: str) -> QuerySet[Interview]:
    """Give the interviews whose customer, role or answers have these words: in any form of the word, or as typed."""
    found = Interview.objects.visible_to(membership)
    query = query.strip()
    if not query:
        return found
    words = SearchQuery(query, config="english", search_type="websearch")
    said = Answer.objects.annotate(words=SearchVector("text", config="english")).filter(
        interview=OuterRef("pk"), words=words
    )
    return found.annotate(words=SearchVector("customer", "role", config="english")).filter(
        Q(words=words) | Q(customer__icontains=query) | Q(role__icontains=query) | Exists(said)
    )


def _counted(rows: QuerySet[Excerpt] | QuerySet[Moment] | QuerySet[Suggestion], by: str) -> Coalesce:
    number = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), Value(0))


def interview_rows(
    membership: Membership,
    *,
    query: str = "",
    segment: int | None = None,
    outcome: str = "",
    state: str = "",
    role: str = "",
    sort: str = "-held_on",
) -> QuerySet[Interview]:
    """Give interviews with `passages`, `moments_told` and `waiting` (suggestions). One query."""
    found = found_interviews(membership, query).select_related("segment")
    if segment is not None:
        found = found.filter(segment=segment or None)
    if role:
        found = found.filter(role="") if role == NO_ROLE else found.filter(role__iexact=role)
    if outcome in PurchaseOutcome.values:
        found = found.filter(outcome=outcome)
    excerpts = Excerpt.objects.filter(answer__interview=OuterRef("pk"))
    moments = Moment.objects.filter(interview=OuterRef("pk"))
    waiting_rows = Suggestion.objects.filter(answer__interview=OuterRef("pk"), state=SuggestionState.OPEN)
    if state == "uncoded":
        found = found.filter(~Exists(excerpts))
    elif state == "waiting":
        found = found.filter(Exists(waiting_rows))
    elif state == "untimed":
        found = found.filter(~Exists(moments))
    return found.annotate(
        passages=_counted(excerpts, "answer__interview"),
        moments_told=_counted(moments, "interview"),
        waiting=_counted(waiting_rows, "answer__interview"),
    ).order_by(*SORTS.get(sort, SORTS["-held_on"]))


def roles(membership: Membership) -> list[str]:
    """Give who told the interviews, each role once however it is spelt. One query."""
    named = Interview.objects.visible_to(membership).exclude(role="").order_by("role")
    found: dict[str, str] = {}
    for role in named.values_list("role", flat=True).distinct():
        found.setdefault(role.casefold(), role)
    return sorted(found.values(), key=str.casefold)


@dataclass(frozen=True)
class Group:
    """How many interviews share something, and what share of all that is."""

    label: str
    number: int
    share: float


@dataclass(frozen=True)
class Coverage:
    """Whom the interviews speak for, and how far their coding is."""

    total: int
    coded: int
    timed: int
    segments: tuple[Group, ...]
    outcomes: tuple[Group, ...]
    roles: tuple[Group, ...]


def coverage(membership: Membership) -> Coverage:
    """Count all interviews by segment, outcome and role, and those coded and with a timeline. One query."""
    rows = list(
        Interview.objects.visible_to(membership)
        .order_by()
        .annotate(
            coded=Exists(Excerpt.objects.filter(answer__interview=OuterRef("pk"))),
            timed=Exists(Moment.objects.filter(interview=OuterRef("pk"))),
        )
        .values_list("segment__name", "outcome", "role", "coded", "timed")
    )
    labels = dict(PurchaseOutcome.choices)
    return Coverage(
        total=len(rows),
        coded=sum(row[3] for row in rows),
        timed=sum(row[4] for row in rows),
        segments=_groups((row[0] or "No segment" for row in rows), len(rows)),
        outcomes=_groups((str(labels[row[1]]) for row in rows), len(rows)),
        roles=_groups((row[2] or "No role given" for row in rows), len(rows)),
    )


def _groups(labels: Iterable[str], total: int) -> tuple[Group, ...]:
    counted = Counter(labels).most_common()
    shown = [Group(label, number, number / total) for label, number in counted[:MOST_GROUPS]]
    rest = sum(number for _, number in counted[MOST_GROUPS:])
    if rest:
        more = len(counted) - MOST_GROUPS
        shown.append(Group(f"{more} other{'' if more == 1 else 's'}", rest, rest / total))
    return tuple(shown)


def coded_excerpts(membership: Membership) -> QuerySet[Excerpt]:
    """Give every coded excerpt with its interview, for export. One query."""
    return (
        Excerpt.objects.visible_to(membership)
        .select_related("code", "coded_by__user", "answer__question", "answer__interview__segment")
        .order_by("answer__interview__customer", "answer__interview_id", "answer__question__position", "start")
    )


@dataclass(frozen=True)
class Waiting:
    """What waits for a designer: files, and interviews with suggestions, not coded, and coded without a timeline."""

    suggestions: int
    suggested: tuple[Interview, ...]
    uncoded: tuple[Interview, ...]
    untimed: tuple[Interview, ...]
    sources: tuple[Source, ...]


def waiting(membership: Membership, *, most: int = 5) -> Waiting:
    """Give what waits. Five queries."""
    suggested = interview_rows(membership, state="waiting").order_by("-waiting", "-held_on")
    coded = Exists(Excerpt.objects.filter(answer__interview=OuterRef("pk")))
    told = Exists(Answer.objects.filter(interview=OuterRef("pk")).exclude(text=""))
    uncoded = interview_rows(membership, state="uncoded").filter(told).exclude(pk__in=suggested.values("pk"))
    open_ones = Suggestion.objects.visible_to(membership).filter(state=SuggestionState.OPEN)
    return Waiting(
        suggestions=open_ones.count(),
        suggested=tuple(suggested[:most]),
        uncoded=tuple(uncoded[:most]),
        untimed=tuple(interview_rows(membership, state="untimed").filter(coded)[:most]),
        sources=tuple(sources_waiting(membership)[:most]),
    )


def guide_rows() -> list[tuple[Guide, list[GuideVersion]]]:
    """Give each guide with its versions, newest first; a version has `used_by` and `asks`. Two queries."""
    versions: dict[int, list[GuideVersion]] = {}
    counted = GuideVersion.objects.annotate(
        used_by=Count("interviews", distinct=True), asks=Count("questions", distinct=True)
    )
    for version in counted.order_by("-number"):
        versions.setdefault(version.guide_id, []).append(version)
    return [(guide, versions.get(guide.pk, [])) for guide in Guide.objects.all()]
