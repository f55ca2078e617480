"""What people decided on suggestions: for learning, for undoing, and how often the machine was right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Membership
from interviews.choices import SuggestionState
from interviews.models import Excerpt, Interview, Lesson, Suggestion

LAST = 100
MOST_SHOWN = 5


@dataclass(frozen=True)
class Record:
    """How often people agreed with the machine of late, and what it learned from them."""

    accepted: int
    decided: int
    lesson: Lesson | None

    @property
    def share(self) -> float:
        """Of the last decisions, the share that accepted."""
        return self.accepted / self.decided if self.decided else 0.0


@dataclass(frozen=True)
class Decision:
    """Something that a person did on the coding page, and the address that undoes it."""

    words: str
    code: str
    quote: str
    at: datetime
    undo_url: str
    answer_id: int


def decided_suggestions() -> QuerySet[Suggestion]:
    """Give the suggestions that people decided, the latest first. One query."""
    rows = Suggestion.objects.filter(decided_at__isnull=False).exclude(state=SuggestionState.OPEN)
    return rows.order_by("-decided_at", "-pk")


def decision_record() -> Record:
    """Say how often the last suggestions were accepted. Two queries."""
    states = list(decided_suggestions().values_list("state", flat=True)[:LAST])
    return Record(states.count(SuggestionState.ACCEPTED), len(states), Lesson.objects.first())


def latest_decisions(interview: Interview, membership: Membership) -> list[Decision]:
    """Give what this person decided last in an interview, the latest first, to undo it. Two queries."""
    decided = (
        Suggestion.objects.filter(answer__interview=interview, decided_by=membership)
        .exclude(state=SuggestionState.OPEN)
        .select_related("code", "excerpt__code")
        .order_by("-decided_at", "-pk")
    )[:MOST_SHOWN]
    coded = (
        Excerpt.objects.filter(answer__interview=interview, coded_by=membership, suggestions=None)
        .select_related("code")
        .order_by("-created_at", "-pk")
    )[:MOST_SHOWN]
    found = [*(_decided(row) for row in decided), *(_coded(row) for row in coded)]
    return sorted(found, key=lambda row: row.at, reverse=True)[:MOST_SHOWN]


def _decided(row: Suggestion) -> Decision:
    words, code = "Refused", row.code.name
    if row.excerpt is not None:
        words, code = "Accepted" if row.state == SuggestionState.ACCEPTED else "Coded", row.excerpt.code.name
    at = row.decided_at or row.updated_at
    undo_url = reverse("interviews:suggestion_reopen", args=[row.pk])
    return Decision(words, code, row.quote, at, undo_url, row.answer_id)


def _coded(row: Excerpt) -> Decision:
    undo_url = reverse("interviews:excerpt_undo", args=[row.pk])
    return Decision("Coded", row.code.name, row.quote, row.created_at, undo_url, row.answer_id)


def next_waiting(interview: Interview, membership: Membership, among: Sequence[int] = ()) -> Interview | None:
    """Give another interview in which suggestions wait, the latest held first. One query."""
    rows = Interview.objects.visible_to(membership).exclude(pk__in=[interview.pk, *among])
    open_ones = Suggestion.objects.filter(state=SuggestionState.OPEN).values("answer__interview")
    return rows.filter(pk__in=open_ones).order_by("-held_on", "-pk").first()
