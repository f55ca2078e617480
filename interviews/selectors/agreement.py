"""How alike people code what they have both read: each sentence that two have read, and who gave it which codes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import Count, F, Prefetch, QuerySet

from accounts.models import Membership
from core.text import Sentence, sentences
from interviews.models import AlsoCoded, Answer, Code, Excerpt, Interview, Reading, Ruling
from journey.agreement import agreement

ALIKE, FAIRLY = 0.80, 0.667  # Krippendorff 2018, 12.3: to rely on; for tentative conclusions only
FEWEST_GIVEN = 5  # passages that carry a code before its figure is worth a word


@dataclass(frozen=True)
class Vote:
    """Somebody gave the words from `start` to `end` of an answer a code."""

    code: int
    coder: int
    start: int
    end: int
    excerpt: int | None = None


@dataclass(frozen=True)
class ReadAnswer:
    """An answer that two people or more have read as it stands, with what each of them coded in it."""

    answer: Answer
    readers: frozenset[int]
    alone: frozenset[int]
    sentences: tuple[Sentence, ...]
    votes: tuple[Vote, ...]
    rulings: tuple[Ruling, ...]

    def given(self, sentence: Sentence) -> dict[int, set[int]]:
        """Give {code: readers who gave it} for a sentence; where it was settled, as they had it before that."""
        settled = next((row for row in self.rulings if row.start < sentence.end and sentence.start < row.end), None)
        votes: Iterable[Vote] = self.votes if settled is None else _votes_of(settled)
        found: dict[int, set[int]] = defaultdict(set)
        for vote in votes:
            if vote.coder in self.readers and vote.start < sentence.end and sentence.start < vote.end:
                found[vote.code].add(vote.coder)
        return dict(found)


@dataclass(frozen=True)
class CodeAgreement:
    """How alike a code is used. `alpha` is None where the readers told nothing apart by it."""

    code: Code
    alpha: float | None
    both: int
    apart: int

    @property
    def given(self) -> int:
        """Passages to which anybody gave the code."""
        return self.both + self.apart

    @property
    def words(self) -> str:
        """What the figure says, plainly."""
        if self.given < FEWEST_GIVEN:
            return "used too rarely to judge"
        if self.alpha is None:
            return "given to every passage"
        if self.alpha >= ALIKE:
            return "alike"
        return "fairly alike" if self.alpha >= FAIRLY else "differently: talk about what it means"

    @property
    def tone(self) -> str:
        """Give the pill's tone."""
        if self.given < FEWEST_GIVEN or self.alpha is None:
            return "plain"
        return "settled" if self.alpha >= ALIKE else "plain" if self.alpha >= FAIRLY else "customer"


@dataclass(frozen=True)
class AgreementView:
    """The figures of the page: per code, and on what they stand."""

    passages: int
    alone: int
    interviews: int
    coders: tuple[Membership, ...]
    codes: tuple[CodeAgreement, ...]


@dataclass(frozen=True)
class Side:
    """What one reader gave to a passage."""

    coder: Membership
    codes: tuple[Code, ...]


@dataclass
class Difference:
    """A passage in which readers differ: sentences next to each other that one contested excerpt joins."""

    answer: Answer
    start: int
    end: int
    sides: list[Side] = field(default_factory=list)

    @property
    def quote(self) -> str:
        """The passage."""
        return self.answer.text[self.start : self.end]

    @property
    def anchor(self) -> str:
        """Its name on the page."""
        return f"passage-{self.answer.pk}-{self.start}"


def _votes_of(ruling: Ruling) -> list[Vote]:
    return [Vote(code, coder, ruling.start + start, ruling.start + end) for code, coder, start, end in ruling.votes]


def _votes(excerpts: Iterable[Excerpt]) -> list[Vote]:
    return [
        Vote(row.code_id, coder, row.start, row.end, row.pk)
        for row in excerpts
        for coder in (row.coded_by_id, *(also.coder_id for also in row.also_coded.all()))
        if coder is not None
    ]


def read_answers(
    membership: Membership, *, interview: int | None = None, answer: int | None = None
) -> list[ReadAnswer]:
    """Give the answers that two people or more have read as they stand. Five queries."""
    readings: dict[int, list[Reading]] = defaultdict(list)
    current = Reading.objects.visible_to(membership).filter(version=F("answer__version"))
    if interview is not None:
        current = current.filter(answer__interview=interview)
    if answer is not None:
        current = current.filter(answer=answer)
    for row in current:
        readings[row.answer_id].append(row)
    shared = [pk for pk, rows in readings.items() if len(rows) > 1]
    excerpts: dict[int, list[Excerpt]] = defaultdict(list)
    also = Prefetch("also_coded", AlsoCoded.objects.all())
    for excerpt in Excerpt.objects.filter(answer__in=shared).prefetch_related(also):
        excerpts[excerpt.answer_id].append(excerpt)
    rulings: dict[int, list[Ruling]] = defaultdict(list)
    for ruling in Ruling.objects.filter(answer__in=shared):
        rulings[ruling.answer_id].append(ruling)
    answers = Answer.objects.filter(pk__in=shared).select_related("interview", "question")
    return [
        ReadAnswer(
            answer=found,
            readers=frozenset(row.reader_id for row in readings[found.pk]),
            alone=frozenset(row.reader_id for row in readings[found.pk] if row.alone),
            sentences=tuple(sentences(found.text)),
            votes=tuple(_votes(excerpts[found.pk])),
            rulings=tuple(rulings[found.pk]),
        )
        for found in answers.order_by("-interview__held_on", "interview_id", "question__position")
    ]


def agreement_view(membership: Membership, *, interview: int | None = None, sort: str = "") -> AgreementView:
    """Give how alike each code is used on the passages that two have read. Seven queries."""
    read = read_answers(membership, interview=interview)
    readers: list[int] = []
    given: dict[int, dict[int, int]] = defaultdict(dict)  # code: {number of the passage: how many gave it}
    alone = 0
    for found in read:
        for sentence in found.sentences:
            for code, coders in found.given(sentence).items():
                given[code][len(readers)] = len(coders)
            alone += found.readers == found.alone
            readers.append(len(found.readers))
    codes = Code.objects.in_bulk(list(given))
    rows = [_of_code(code, given[pk], np.array(readers)) for pk, code in codes.items()]
    return AgreementView(
        passages=len(readers),
        alone=alone,
        interviews=len({found.answer.interview_id for found in read}),
        coders=tuple(_people({pk for found in read for pk in found.readers}).values()),
        codes=tuple(sorted(rows, key=_by_name if sort == "name" else _least_alike_first)),
    )


def _of_code(code: Code, given: dict[int, int], readers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> CodeAgreement:
    """Compare, passage by passage, how many of those who read it gave it the code."""
    yes = np.zeros(readers.size, dtype=np.int64)
    yes[list(given)] = list(given.values())
    figure = agreement(np.stack([yes, readers - yes], axis=1))
    both = int(((yes == readers) & (yes > 0)).sum())
    return CodeAgreement(code, figure.alpha, both, len(given) - both)


def _by_name(row: CodeAgreement) -> tuple[str, str]:
    return row.code.kind, row.code.name.lower()


def _least_alike_first(row: CodeAgreement) -> tuple[bool, float, str]:
    return row.given < FEWEST_GIVEN or row.alpha is None, row.alpha if row.alpha is not None else 1.0, row.code.name


def _people(keys: Iterable[int]) -> dict[int, Membership]:
    """Give members by key, ordered by name. One query."""
    rows = Membership.objects.filter(pk__in=set(keys)).select_related("user").order_by("user__full_name", "pk")
    return {row.pk: row for row in rows}


def differences(membership: Membership, *, interview: int | None = None, answer: int | None = None) -> list[Difference]:
    """Give the passages in which readers differ and that nobody has settled, in the order told. Seven queries."""
    read = read_answers(membership, interview=interview, answer=answer)
    people = _people({pk for found in read for pk in found.readers})
    codes = Code.objects.in_bulk({vote.code for found in read for vote in found.votes})
    return [
        Difference(found.answer, start, end, _sides(found, start, end, people, codes))
        for found in read
        for start, end in contested_spans(found)
    ]


def _sides(
    found: ReadAnswer, start: int, end: int, people: dict[int, Membership], codes: dict[int, Code]
) -> list[Side]:
    inside = [vote for vote in found.votes if vote.start < end and start < vote.end]
    return [
        Side(person, tuple(codes[pk] for pk in dict.fromkeys(vote.code for vote in inside if vote.coder == coder)))
        for coder, person in people.items()
        if coder in found.readers
    ]


def contested_spans(found: ReadAnswer) -> list[tuple[int, int]]:
    """Give the stretches of sentences that hold a code which some readers gave and others did not."""
    open_ones = [
        row for row in found.sentences if not any(own.start < row.end and row.start < own.end for own in found.rulings)
    ]
    spans: list[tuple[int, int]] = []
    for sentence in open_ones:
        contested = {code for code, coders in found.given(sentence).items() if coders != found.readers}
        joined = [vote for vote in found.votes if vote.code in contested and vote.coder in found.readers]
        spans += [_whole(found.sentences, vote) for vote in joined if _meets(vote, sentence)]
    return _merged(spans)


def _meets(vote: Vote, sentence: Sentence) -> bool:
    return vote.start < sentence.end and sentence.start < vote.end


def _whole(all_sentences: Sequence[Sentence], vote: Vote) -> tuple[int, int]:
    """Give the vote's span, widened to whole sentences."""
    met = [row for row in all_sentences if _meets(vote, row)]
    return met[0].start, met[-1].end


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def settled(membership: Membership, *, interview: int | None = None, most: int = 20) -> list[Ruling]:
    """Give what was settled last. One query."""
    rows = Ruling.objects.visible_to(membership)
    if interview is not None:
        rows = rows.filter(answer__interview=interview)
    return list(rows.select_related("answer__interview", "answer__question", "chosen__user", "ruled_by__user")[:most])


def readers_of(interview: Interview) -> dict[int, list[Reading]]:
    """Give who has read each answer of an interview as it stands. One query."""
    found: dict[int, list[Reading]] = defaultdict(list)
    rows = Reading.objects.filter(answer__interview=interview, version=F("answer__version"))
    for row in rows.select_related("reader__user").order_by("created_at"):
        found[row.answer_id].append(row)
    return found


def twice_read_interviews(membership: Membership) -> QuerySet[Interview]:
    """Give the interviews in which two have read the same answer as it stands. One query."""
    twice = (
        Reading.objects.filter(version=F("answer__version"))
        .order_by()
        .values("answer")
        .annotate(readers=Count("reader"))
        .filter(readers__gt=1)
        .values("answer__interview")
    )
    return Interview.objects.visible_to(membership).filter(pk__in=twice)


def colleagues(membership: Membership) -> QuerySet[Membership]:
    """Give the members of the same workspace, those who left among them: their coding stays."""
    return Membership.objects.visible_to(membership).select_related("user")
