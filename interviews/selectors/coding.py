"""What the coding page shows: answers cut into pieces by what is coded and suggested in them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import Membership
from core.text import sentences
from interviews.choices import Kind, SuggestionState
from interviews.models import AlsoCoded, Answer, Excerpt, Interview, Reading, Suggestion
from interviews.selectors.agreement import readers_of
from jobs.choices import JobState
from jobs.models import Job

SpanT = TypeVar("SpanT", Excerpt, Suggestion)
MOST_SHOWN = 6  # suggestions of one answer at a time: the page stays quick, and nobody reads more
TONES = {Kind.ACTIVITY.value: "customer", Kind.ROLE.value: "us"}


@dataclass(frozen=True)
class Piece:
    """A stretch of an answer in which nothing begins or ends; `tone` is empty where nothing is coded or suggested."""

    text: str
    tone: str
    title: str
    excerpts: str
    suggestions: str
    overlaps: bool


@dataclass(frozen=True)
class SentenceChoice:
    """A sentence that can be chosen from a list; `span` is "start-end" in code points."""

    span: str
    text: str


@dataclass(frozen=True)
class AnswerView:
    """An answer with its coding: the pieces joined give its text."""

    answer: Answer
    pieces: tuple[Piece, ...]
    excerpts: tuple[Excerpt, ...]
    suggestions: tuple[Suggestion, ...]
    later: int
    sentences: tuple[SentenceChoice, ...]
    readers: tuple[Reading, ...]
    is_read: bool


def answer_views(interview: Interview, viewer: Membership, *, alone: bool = False) -> list[AnswerView]:
    """Give the answers of an interview in the order of the questions, `alone` with the viewer's own codes only.

    Five queries.
    """
    excerpts: dict[int, list[Excerpt]] = defaultdict(list)
    for excerpt in _coded(Excerpt.objects.filter(answer__interview=interview), viewer, alone=alone):
        excerpts[excerpt.answer_id].append(excerpt)
    suggestions: dict[int, list[Suggestion]] = defaultdict(list)
    for suggestion in _waiting(Suggestion.objects.filter(answer__interview=interview)):
        suggestions[suggestion.answer_id].append(suggestion)
    readers = readers_of(interview)
    return [
        _view(answer, excerpts[answer.pk], suggestions[answer.pk], readers[answer.pk], viewer)
        for answer in interview.answers.select_related("question").order_by("question__position")
    ]


def answer_view(answer: Answer, viewer: Membership, *, alone: bool = False) -> AnswerView:
    """Give one answer as the coding page shows it. Four queries."""
    excerpts = list(_coded(Excerpt.objects.filter(answer=answer), viewer, alone=alone))
    waiting = list(_waiting(Suggestion.objects.filter(answer=answer)))
    return _view(answer, excerpts, waiting, readers_of(answer.interview)[answer.pk], viewer)


def _coded(rows: QuerySet[Excerpt], viewer: Membership, *, alone: bool) -> QuerySet[Excerpt]:
    if alone:
        rows = rows.filter(Q(coded_by=viewer) | Exists(AlsoCoded.objects.filter(excerpt=OuterRef("pk"), coder=viewer)))
    also = Prefetch("also_coded", AlsoCoded.objects.select_related("coder__user"))
    return rows.select_related("code", "coded_by__user").prefetch_related(also).order_by("start", "end", "pk")


def _waiting(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    return rows.filter(state=SuggestionState.OPEN).select_related("code").defer("vector").order_by("start", "-score")


def _view(
    answer: Answer,
    excerpts: Sequence[Excerpt],
    waiting: Sequence[Suggestion],
    readers: Sequence[Reading],
    viewer: Membership,
) -> AnswerView:
    asked = sorted(waiting, key=lambda row: row.is_unlikely)[:MOST_SHOWN]
    return AnswerView(
        answer=answer,
        pieces=tuple(pieces(answer.text, excerpts, asked)),
        excerpts=tuple(excerpts),
        suggestions=tuple(asked),
        later=len(waiting) - len(asked),
        sentences=tuple(SentenceChoice(f"{row.start}-{row.end}", row.text) for row in sentences(answer.text)),
        readers=tuple(readers),
        is_read=any(row.reader_id == viewer.pk for row in readers),
    )


def pieces(text: str, excerpts: Sequence[Excerpt], suggestions: Sequence[Suggestion]) -> list[Piece]:
    """Cut `text` wherever an excerpt or a suggestion begins or ends."""
    spans: list[Excerpt | Suggestion] = [*excerpts, *suggestions]
    cuts = sorted({0, len(text), *(row.start for row in spans), *(row.end for row in spans)})
    return [
        _piece(text[start:end], _over(excerpts, start, end), _over(suggestions, start, end))
        for start, end in pairwise(cut for cut in cuts if cut <= len(text))
    ]


def _over(rows: Iterable[SpanT], start: int, end: int) -> list[SpanT]:
    return [row for row in rows if row.start <= start and end <= row.end]


def _piece(text: str, excerpts: Sequence[Excerpt], suggestions: Sequence[Suggestion]) -> Piece:
    asked = " ".join(str(row.pk) for row in suggestions)
    if not excerpts:
        names = ", ".join(row.code.name for row in suggestions)
        tone, title = ("suggested", f"Suggested: {names}") if names else ("", "")
        return Piece(text, tone, title, "", asked, overlaps=False)
    tones = [TONES.get(row.code.kind, "plain") for row in excerpts]
    tone = next((name for name in ("customer", "us") if name in tones), "plain")
    title = ", ".join(f"{row.code.name} ({row.code.get_kind_display().lower()})" for row in excerpts)
    return Piece(text, tone, title, " ".join(str(row.pk) for row in excerpts), asked, overlaps=len(excerpts) > 1)


def excerpts_as_told(interview: Interview) -> list[Excerpt]:
    """Give the excerpts of an interview in the order in which the customer told them. One query.

    Where the whole account is known, an excerpt stands where its paragraph stands in it; a paragraph that was rewritten
    follows the one before it in its answer. Otherwise the questions' order is the order.
    """
    rows = list(
        Excerpt.objects.filter(answer__interview=interview)
        .select_related("code", "answer__question")
        .order_by("answer__question__position", "start", "end")
    )
    if not interview.account:
        return rows
    places: dict[int, tuple[int, int]] = {}
    last: dict[int, int] = {}
    for row in rows:
        found = _place_in(interview.account, row)
        place = found if found is not None else last.get(row.answer_id, 0)
        last[row.answer_id] = place
        places[row.pk] = (place, row.start)
    return sorted(rows, key=lambda row: places[row.pk])


def _place_in(account: str, excerpt: Excerpt) -> int | None:
    """Give where an excerpt begins in the account: by its paragraph, else by its own words."""
    text = excerpt.answer.text
    begin = text.rfind("\n\n", 0, excerpt.start)
    begin = 0 if begin < 0 else begin + 2
    end = text.find("\n\n", excerpt.start)
    paragraph = text[begin : end if end >= 0 else len(text)]
    at = account.find(paragraph)
    if at >= 0:
        return at + excerpt.start - begin
    at = account.find(excerpt.quote)
    return at if at >= 0 else None


def example_quotes(*, interview: Interview, most: int) -> dict[int, list[str]]:
    """Give the latest quotes of each code from other interviews, at most `most` of each. One query."""
    rows = (
        Excerpt.objects.exclude(answer__interview=interview)
        .annotate(rank=Window(RowNumber(), partition_by=F("code_id"), order_by=[F("pk").desc()]))
        .filter(rank__lte=most)
        .values_list("code_id", "quote")
    )
    found: dict[int, list[str]] = defaultdict(list)
    for code_id, quote in rows:
        found[code_id].append(quote)
    return dict(found)


def open_suggestion_count(interview: Interview) -> int:
    """Give how many suggestions wait for a person."""
    return Suggestion.objects.filter(answer__interview=interview, state=SuggestionState.OPEN).count()


def suggestion_job(interview: Interview) -> Job | None:
    """Give the job that looks for suggestions in this interview, while it does."""
    return Job.objects.filter(
        task="interviews.suggest_codes",
        arguments__interview_id=interview.pk,
        state__in=[JobState.QUEUED, JobState.RUNNING],
    ).first()
