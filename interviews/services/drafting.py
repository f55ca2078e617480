"""The draft of a timeline: what the coded activities and the words around them say of their order."""

from dataclasses import dataclass
from datetime import date

from interviews.choices import Job, Kind
from interviews.models import Excerpt, Interview
from interviews.selectors import excerpts_as_told
from interviews.services.order_words import Span, timeline_of

LONGEST_WORDS = 120
# the order of questions says nothing of what happened when; as a rule people learn about alternatives before they buy
USUALLY = (Job.RECOGNISE, Job.MOBILISE, Job.SOLVE, Job.LEARN, Job.ALIGN, Job.COMMIT)


@dataclass(frozen=True, slots=True)
class DraftedMoment:
    """An activity where the text puts it, with the words that say so; `is_moved` where it was told elsewhere."""

    excerpt: Excerpt
    together: bool
    place_words: str
    happened_on: date | None
    date_words: str
    is_moved: bool


def draft_of(interview: Interview) -> list[DraftedMoment]:
    """Give the activities in the order in which they happened, by the customer's words. One query.

    Answers to questions stand in the usual order of their buying jobs; a whole account in the order told.
    """
    excerpts = [excerpt for excerpt in excerpts_as_told(interview) if excerpt.code.kind == Kind.ACTIVITY]
    if not interview.account:
        excerpts.sort(key=lambda excerpt: USUALLY.index(Job(excerpt.answer.question.job)))
    answers = {excerpt.answer_id: excerpt.answer.text for excerpt in excerpts}
    number = {answer_id: index for index, answer_id in enumerate(answers)}
    spans = [Span(number[row.answer_id], row.start, row.end, row.code_id) for row in excerpts]
    return [
        DraftedMoment(
            excerpts[one.span],
            one.together,
            one.place_words[:LONGEST_WORDS],
            one.happened_on,
            one.date_words[:LONGEST_WORDS],
            one.is_moved,
        )
        for one in timeline_of(list(answers.values()), spans, interview.held_on)
    ]
