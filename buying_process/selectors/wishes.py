"""What customers said would have helped them, found by the words in which people say so."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from buying_process.selectors.told_needs import Span, nearest
from core.text import Sentence, sentences
from interviews.models import Answer, Excerpt

SAID = re.compile(
    r"""(?<!as\ )\b(?:
      would\ (?:also\ )?have\ (?:helped|saved|cut|made\ it|been\ (?:a\ help|cheaper|easier|faster|quicker|simpler|useful
        |helpful|enough|better))
    | (?:I|we)(?:\ would|['’]d)\ have\ (?:liked|loved|given|wanted|needed)
    | (?:I|we)\ wish(?:ed)?
    | if\ only
    | had\ (?:I|we|you|somebody|someone|anybody)\ (?:had|known|told|shown|been)
    | (?:what|all)\ (?:I|we)\ (?:lacked|missed|should\ have)
    | what\ (?:would\ have|was\ missing)
    | if\ (?:I|we|you|somebody|someone|anybody|there|the\ \w+)\ had
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A sentence in which a customer says what would have helped."""

    interview_id: int
    text: str


def wishes_of(interview_ids: Iterable[int], home: Mapping[int, int]) -> dict[int | None, list[Wish]]:
    """Give what would have helped, by the stage of the nearest activity in the same answer. Two queries.

    `home` maps an activity's code to its stage; what was said in an answer that tells no activity stands under None.
    """
    ids = list(interview_ids)
    answers = (
        Answer.objects.filter(interview_id__in=ids).exclude(text="").order_by("interview_id", "question__position")
    )
    said = [
        (answer_id, interview_id, sentence)
        for answer_id, interview_id, text in answers.values_list("pk", "interview_id", "text")
        for sentence in sentences(text)
        if SAID.search(sentence.text)
    ]
    activities = _activities({answer_id for answer_id, _, _ in said}, home)
    found: dict[int | None, list[Wish]] = {}
    for answer_id, interview_id, sentence in said:
        stage = _stage(sentence, interview_id, activities.get(answer_id, []), home)
        found.setdefault(stage, []).append(Wish(interview_id, sentence.text))
    return found


def _activities(answer_ids: Iterable[int], home: Mapping[int, int]) -> dict[int, list[Span]]:
    rows = Excerpt.objects.filter(answer_id__in=list(answer_ids), code_id__in=list(home))
    columns = ("answer__interview_id", "start", "end", "code_id", "code__kind", "code__name", "code__channel")
    found: dict[int, list[Span]] = {}
    for answer_id, *values in rows.values_list("answer_id", *columns):
        found.setdefault(answer_id, []).append(Span(*values))
    return found


def _stage(sentence: Sentence, interview_id: int, activities: list[Span], home: Mapping[int, int]) -> int | None:
    if not activities:
        return None
    said = Span(interview_id, sentence.start, sentence.end, code_id=0, kind="", name="", channel="")
    return home[nearest(said, activities).code_id]
