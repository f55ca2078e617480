"""Roles, information, evidence and obstacles that customers tell of, each at the activity it was told beside."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from buying_process.choices import Need
from interviews.choices import Kind
from interviews.models import Excerpt

MOST_A_KIND = 8  # a stage's panel stays readable
_NEEDS = {
    Kind.ROLE: Need.ROLE,
    Kind.INFORMATION: Need.INFORMATION,
    Kind.EVIDENCE: Need.EVIDENCE,
    Kind.OBSTACLE: Need.OBSTACLE,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A coded span of an answer."""

    interview_id: int
    start: int
    end: int
    code_id: int
    kind: str
    name: str
    channel: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class NeedTold:
    """A need of a stage and how many interviews tell of it there."""

    stage: int
    kind: Need
    code_id: int
    name: str
    channel: str
    told: int


def needs_told(interview_ids: Iterable[int], stage_of: Mapping[int, int]) -> list[NeedTold]:
    """Give what each stage needs, most told first and at most `MOST_A_KIND` of a kind. One query.

    `stage_of` maps an activity's code to its stage. A span belongs to the nearest span of an activity in the same
    answer, the earlier one where two are equally near; in an answer that tells no activity it belongs nowhere.
    """
    tellers = tellers_of_needs(interview_ids, stage_of)
    found = [NeedTold(*key, told=len(interviews)) for key, interviews in tellers.items()]
    found.sort(key=lambda need: (need.stage, need.kind, -need.told, need.name.casefold(), need.channel))
    kept: list[NeedTold] = []
    for _, group in groupby(found, key=lambda need: (need.stage, need.kind)):
        kept += list(group)[:MOST_A_KIND]
    return kept


def tellers_of_needs(
    interview_ids: Iterable[int], stage_of: Mapping[int, int]
) -> dict[tuple[int, Need, int, str, str], set[int]]:
    """Give the interviews that tell each need: by stage, kind, code, the code's name and channel. One query."""
    tellers: dict[tuple[int, Need, int, str, str], set[int]] = {}
    for span, activity, channel in spans_beside(interview_ids, stage_of):
        key = (stage_of[activity.code_id], _NEEDS[Kind(span.kind)], span.code_id, span.name, channel)
        tellers.setdefault(key, set()).add(span.interview_id)
    return tellers


def spans_beside(
    interview_ids: Iterable[int], known: Container[int], kinds: Collection[str] = tuple(_NEEDS)
) -> Iterator[tuple[Span, Span, str]]:
    """Give each span of these kinds with the nearest span of a known activity in its answer, and its channel.

    One query.
    """
    for spans in _answers(interview_ids):
        activities = [span for span in spans if span.kind == Kind.ACTIVITY and span.code_id in known]
        channels = [span for span in spans if span.kind == Kind.CHANNEL]
        for span in spans:
            if span.kind in kinds and activities:
                yield span, nearest(span, activities), _channel(span, channels)


def nearest(span: Span, activities: Sequence[Span]) -> Span:
    """Give the activity span with the least distance to `span`; overlapping ones lie at 0, ties go to the earlier."""
    return min(activities, key=lambda other: (_distance(span, other), other.start, other.end))


def _distance(one: Span, other: Span) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _channel(span: Span, channels: Sequence[Span]) -> str:
    """Give where the customer looks for it: what its code says, else the nearest channel told of in the answer."""
    if span.kind not in {Kind.INFORMATION, Kind.CHANNEL}:
        return ""
    if span.channel or not channels:
        return span.channel
    return nearest(span, channels).channel


def _answers(interview_ids: Iterable[int]) -> Iterable[list[Span]]:
    rows = (
        Excerpt.objects.filter(answer__interview_id__in=list(interview_ids))
        .order_by("answer_id", "start", "end", "pk")
        .values_list(
            "answer_id",
            "answer__interview_id",
            "start",
            "end",
            "code_id",
            "code__kind",
            "code__name",
            "code__channel",
            "quote",
        )
    )
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield [Span(*row[1:]) for row in group]
