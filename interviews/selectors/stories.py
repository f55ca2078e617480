"""Customers' stories: what the derivation of a process reads, and the quotes behind it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from interviews.models import Excerpt, Interview, Moment


@dataclass(frozen=True)
class Story:
    """One customer's timeline: the activities as (moment's id, code's id), in the order in which they happened."""

    interview_id: int
    customer: str
    outcome: str
    weight: Decimal
    moments: tuple[tuple[int, int], ...]


def stories(interviews: QuerySet[Interview]) -> list[Story]:
    """Give the stories of these interviews, those without a timeline too. Two queries."""
    rows = list(interviews.values_list("pk", "customer", "outcome", "weight"))
    moments: dict[int, list[tuple[int, int]]] = defaultdict(list)
    told = Moment.objects.filter(interview__in=[row[0] for row in rows]).order_by("interview_id", "position")
    for interview_id, moment_id, code_id in told.values_list("interview_id", "pk", "code_id"):
        moments[interview_id].append((moment_id, code_id))
    return [
        Story(interview_id, customer, outcome, weight, tuple(moments[interview_id]))
        for interview_id, customer, outcome, weight in rows
    ]


def quotes(
    *, code_ids: Collection[int] | None = None, interview_ids: Collection[int] | None = None
) -> QuerySet[Excerpt]:
    """Give excerpts of these codes from these interviews (None: all), with code, question and interview. One query."""
    found = Excerpt.objects.select_related("code", "answer__question", "answer__interview__segment")
    if code_ids is not None:
        found = found.filter(code__in=code_ids)
    if interview_ids is not None:
        found = found.filter(answer__interview__in=interview_ids)
    return found.order_by("-answer__interview__held_on", "answer__interview_id", "answer__question__position", "start")


@dataclass(frozen=True)
class MomentView:
    """A moment as a page shows it; `is_return` where the same activity came before."""

    pk: int
    position: int
    code_id: int
    name: str
    quote: str
    happened_on: date | None
    is_return: bool


def moment_views(interview: Interview) -> list[MomentView]:
    """Give the timeline of an interview. One query."""
    seen: set[int] = set()
    found: list[MomentView] = []
    for moment in interview.moments.select_related("code", "excerpt").order_by("position"):
        quote = moment.excerpt.quote if moment.excerpt else ""
        found.append(
            MomentView(
                moment.pk,
                moment.position,
                moment.code_id,
                moment.code.name,
                quote,
                moment.happened_on,
                moment.code_id in seen,
            )
        )
        seen.add(moment.code_id)
    return found
