"""Reads of what was brought in: files, their passages, and where an excerpt was said."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership
from interviews.choices import PlacedBy, SourceState
from interviews.models import Excerpt, Intake, Passage, Question, Source

UNSURE = 0.1  # lead over the next job below which a passage is worth a look


def intakes_of(membership: Membership) -> QuerySet[Intake]:
    """Give what was brought in, newest first, with `files`, `waiting` and `refused`. One query."""
    waits = Q(sources__state__in=[SourceState.SORTED, SourceState.COLUMNS])
    return (
        Intake.objects.visible_to(membership)
        .select_related("job", "brought_by__user")
        .annotate(
            files=Count("sources"),
            waiting=Count("sources", filter=waits),
            refused=Count("sources", filter=Q(sources__state=SourceState.REFUSED)),
        )
        .order_by("-created_at", "-pk")
    )


def sources_of(intake: Intake) -> QuerySet[Source]:
    """Give the files of an intake without their bytes, with `told_passages`. Two queries."""
    return (
        intake.sources.defer("content")
        .select_related("survey")
        .prefetch_related("interviews")
        .annotate(told_passages=Count("passages", filter=Q(passages__told=True)))
        .order_by("pk")
    )


def sources_like(source: Source) -> QuerySet[Source]:
    """Give other files of the same bytes that wait for a person or have become interviews that are still there."""
    waits = Q(state__in=[SourceState.SORTED, SourceState.COLUMNS])
    there = Q(state=SourceState.DONE, interviews__isnull=False)
    return Source.objects.filter(waits | there, digest=source.digest).exclude(pk=source.pk).defer("content").distinct()


def sources_waiting(membership: Membership) -> QuerySet[Source]:
    """Give the files that wait to be looked through or for their columns, oldest first."""
    return (
        Source.objects.visible_to(membership)
        .filter(state__in=[SourceState.SORTED, SourceState.COLUMNS])
        .defer("content")
        .order_by("pk")
    )


@dataclass(frozen=True)
class QuestionCount:
    """A question with how many passages and words stand under it."""

    question: Question
    passages: int
    words: int


def question_counts(source: Source, questions: Iterable[Question]) -> list[QuestionCount]:
    """Count what stands under each question. One query."""
    rows = source.passages.filter(told=True).values_list("question_id", "text")
    words: dict[int | None, list[int]] = {}
    for question_id, text in rows:
        words.setdefault(question_id, []).append(len(text.split()))
    return [
        QuestionCount(question, len(words.get(question.pk, [])), sum(words.get(question.pk, [])))
        for question in questions
    ]


def passages_shown(source: Source, show: str) -> QuerySet[Passage]:
    """Give the passages in the order told: all, those of which the machine is unsure, or those of one question."""
    rows = source.passages.select_related("question", "answer").order_by("position")
    if show == "unsure":
        return rows.filter(told=True, placed_by=PlacedBy.MEANING, sureness__lt=UNSURE)
    if show == "out":
        return rows.filter(told=False)
    return rows.filter(told=True, question__position=int(show)) if show.isdecimal() and len(show) < 3 else rows  # noqa: PLR2004  a guide has 20


def passages_of(excerpts: Iterable[Excerpt]) -> dict[int, Passage]:
    """Give {excerpt: the passage in which its words begin}, for those that came from a file. One query."""
    wanted = list(excerpts)
    rows: dict[int, list[Passage]] = {}
    found = Passage.objects.filter(answer__in={row.answer_id for row in wanted}).select_related("source")
    for passage in found.defer("text", "source__content").order_by("start"):
        rows.setdefault(passage.answer_id or 0, []).append(passage)
    places = {}
    for row in wanted:
        inside = [
            one for one in rows.get(row.answer_id, []) if (one.start or 0) < row.end and row.start < (one.end or 0)
        ]
        if inside:
            places[row.pk] = inside[0]
    return places
