"""Customers' stories: their moments, and the quotes behind them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from interviews.models import Excerpt, Interview


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
    """A moment as a page shows it; `time` counts how often the activity came by then, from 2 on it is a return.

    `is_before` where its date lies before that of a moment above it.
    """

    pk: int
    position: int
    code_id: int
    name: str
    quote: str
    happened_on: date | None
    time: int
    together: bool
    place_words: str
    date_words: str
    is_before: bool

    @property
    def is_return(self) -> bool:
        """Tell whether the same activity came before."""
        return self.time > 1


def moment_views(interview: Interview) -> list[MomentView]:
    """Give the timeline of an interview. One query."""
    seen: Counter[int] = Counter()
    found: list[MomentView] = []
    latest = date.min
    for moment in interview.moments.select_related("code", "excerpt").order_by("position"):
        seen[moment.code_id] += 1
        quote = moment.excerpt.quote if moment.excerpt else ""
        day = moment.happened_on or latest
        found.append(
            MomentView(
                moment.pk,
                moment.position,
                moment.code_id,
                moment.code.name,
                quote,
                moment.happened_on,
                seen[moment.code_id],
                moment.together,
                moment.place_words,
                moment.date_words,
                day < latest,
            )
        )
        latest = max(latest, day)
    return found
