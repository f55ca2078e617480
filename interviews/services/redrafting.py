"""A draft beside a timeline that stands: what the text says otherwise, to take part by part. Nothing is overwritten."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from accounts.models import Membership
from core import audit
from core.exceptions import ConflictError
from interviews.models import Interview, LeftOut, Moment
from interviews.services.drafting import DraftedMoment, draft_of
from interviews.services.story import STANDS, MomentInput, moment_of, moments_set

ADD, MOVE, DATE, TOGETHER = "add", "move", "date", "together"
CHANGED = "The draft has changed since. Load the page to see what it says now."


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the draft says and the timeline does not; `after` names what stands before it in the draft.

    `left_out` where a person did not want it.
    """

    key: str
    kind: str
    name: str
    quote: str
    after: str
    words: str
    happened_on: date | None
    comes_back: bool
    together: bool
    left_out: bool


def timeline_parts(interview: Interview) -> list[Part]:
    """Give what a draft would add to, move in and date in the timeline as it stands, in the draft's order.

    Three queries.

    Moments that the draft does not have are nobody's business: a person may know them from elsewhere.
    """
    drafted = draft_of(interview)
    pairs = _pairs(drafted, list(interview.moments.order_by("position")))
    steady = _steady([row.position if row else 0 for row in pairs])
    left_out = set(interview.left_out.values_list("part", flat=True))
    parts: list[Part] = []
    seen: set[int] = set()
    for place, (moment, row) in enumerate(zip(drafted, pairs, strict=True)):
        back = moment.excerpt.code_id in seen
        kinds = _kinds(moment, row, steady=place in steady, told=_is_told(drafted, place))
        made = (_part(kind, drafted, place, row, comes_back=back) for kind in kinds)
        parts.extend(replace(part, left_out=part.key in left_out) for part in made)
        seen.add(moment.excerpt.code_id)
    return parts


@transaction.atomic
def timeline_begin(*, interview: Interview, keys: Collection[str], actor: Membership) -> list[Moment]:
    """Begin a timeline with these parts of its draft; one that stands by now is not drafted over."""
    Interview.objects.select_for_update().get(pk=interview.pk)
    if interview.moments.exists():
        raise ConflictError(STANDS)
    return timeline_take(interview=interview, keys=keys, actor=actor)


@transaction.atomic
def timeline_take(*, interview: Interview, keys: Collection[str], actor: Membership) -> list[Moment]:
    """Take these parts of the draft into the timeline; everything else stays as it is."""
    Interview.objects.select_for_update().get(pk=interview.pk)
    _refuse_gone(interview, keys)
    LeftOut.objects.filter(interview=interview, part__in=keys).delete()
    drafted = draft_of(interview)
    stands = list(interview.moments.select_related("code", "excerpt").order_by("position"))
    pairs = _pairs(drafted, stands)
    order = [(row.pk, _input(row)) for row in stands]
    before: int | None = None  # the row, or minus the excerpt, that stands before in the draft
    for place, (moment, row) in enumerate(zip(drafted, pairs, strict=True)):
        taken = {kind for kind in (ADD, MOVE, DATE, TOGETHER) if _key(kind, drafted, place, row) in keys}
        if row is None and ADD not in taken:
            continue
        who = row.pk if row else -moment.excerpt.pk
        wanted = moment_of(moment) if row is None else _changed(_input(row), moment, taken)
        if row is None or MOVE in taken:
            order = [one for one in order if one[0] != who]
            order.insert(_place(order, before, together=wanted.together), (who, wanted))
        else:
            order = [(pk, wanted if pk == who else one) for pk, one in order]
        before = who
    return moments_set(interview=interview, moments=[one for _, one in order], actor=actor, verb="timeline.take")


@transaction.atomic
def timeline_leave(*, interview: Interview, keys: Collection[str], actor: Membership) -> None:
    """Leave these parts of the draft out: they are not offered again, and the timeline stays as it is."""
    Interview.objects.select_for_update().get(pk=interview.pk)
    _refuse_gone(interview, keys)
    LeftOut.objects.bulk_create(
        [
            LeftOut(workspace_id=interview.workspace_id, interview=interview, part=key, left_by=actor)
            for key in dict.fromkeys(keys)
        ],
        ignore_conflicts=True,
    )
    audit.record("timeline.leave", interview, actor=actor, changes={"parts": len(keys)})


@transaction.atomic
def timeline_offer(*, interview: Interview, keys: Collection[str], actor: Membership) -> None:
    """Offer parts again that were left out."""
    gone, _ = LeftOut.objects.filter(interview=interview, part__in=keys).delete()
    if not gone:
        raise ConflictError("This is offered again already.")
    audit.record("timeline.offer", interview, actor=actor, changes={"parts": gone})


def _refuse_gone(interview: Interview, keys: Collection[str]) -> None:
    if not keys or set(keys) - {part.key for part in timeline_parts(interview)}:
        raise ConflictError(CHANGED)


def _place(order: Sequence[tuple[int, MomentInput]], before: int | None, *, together: bool) -> int:
    place = next((index + 1 for index, (pk, _) in enumerate(order) if pk == before), 0)
    while not together and place < len(order) and order[place][1].together:
        place += 1
    return place


def _input(row: Moment) -> MomentInput:
    return MomentInput(row.code, row.excerpt, row.happened_on, row.together, row.place_words, row.date_words)


def _changed(stands: MomentInput, moment: DraftedMoment, taken: Collection[str]) -> MomentInput:
    if MOVE in taken:
        stands = replace(stands, together=moment.together, place_words=moment.place_words)
    if TOGETHER in taken:
        stands = replace(stands, together=True, place_words=moment.place_words)
    if DATE in taken:
        stands = replace(stands, happened_on=moment.happened_on, date_words=moment.date_words)
    return stands


def _pairs(drafted: Sequence[DraftedMoment], stands: Sequence[Moment]) -> list[Moment | None]:
    """Give the moment that stands for each drafted one: of the same excerpt, else the next of the same activity."""
    free = list(stands)
    pairs: list[Moment | None] = [None] * len(drafted)
    for exact in (True, False):
        for place, moment in enumerate(drafted):
            if pairs[place] is not None:
                continue
            row = next((row for row in free if _same(row, moment, exact=exact)), None)
            if row is not None:
                pairs[place] = row
                free.remove(row)
    return pairs


def _same(row: Moment, moment: DraftedMoment, *, exact: bool) -> bool:
    return row.excerpt_id == moment.excerpt.pk if exact else row.code_id == moment.excerpt.code_id


def _steady(positions: Sequence[int]) -> set[int]:
    """Give the places whose positions (0: none) rise in the longest run, so that the fewest count as moved."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for place, position in enumerate(positions):
        if not position:
            continue
        at = bisect_left(tails, position)
        tails[at:], ends[at:] = ([position, *tails[at + 1 :]], [place, *ends[at + 1 :]])
        previous[place] = ends[at - 1] if at else -1
    kept: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = previous[place]
    return kept


def _is_told(drafted: Sequence[DraftedMoment], place: int) -> bool:
    """Tell whether words of order put a moment where it is, or its neighbours: else a person's order is as good."""
    return any(moment.is_moved for moment in drafted[max(place - 1, 0) : place + 2])


def _kinds(moment: DraftedMoment, row: Moment | None, *, steady: bool, told: bool) -> list[str]:
    if row is None:
        return [ADD]
    kinds = [MOVE] if told and not steady else []
    if steady and moment.together and not row.together:
        kinds.append(TOGETHER)
    if moment.happened_on and row.happened_on is None:
        kinds.append(DATE)
    return kinds


def _key(kind: str, drafted: Sequence[DraftedMoment], place: int, row: Moment | None) -> str:
    """Name a part by what it says, so that one that was left out is offered anew where the draft says another thing."""
    moment = drafted[place]
    behind = drafted[place - 1].excerpt.pk if place else 0
    return f"{kind}-{row.pk if row else moment.excerpt.pk}-{moment.happened_on if kind == DATE else behind}"


def _part(kind: str, drafted: Sequence[DraftedMoment], place: int, row: Moment | None, *, comes_back: bool) -> Part:
    moment = drafted[place]
    return Part(
        key=_key(kind, drafted, place, row),
        kind=kind,
        name=moment.excerpt.code.name,
        quote=moment.excerpt.quote,
        after=drafted[place - 1].excerpt.code.name if place else "",
        words=moment.date_words if kind == DATE else moment.place_words,
        happened_on=moment.happened_on if kind in (ADD, DATE) else None,
        comes_back=comes_back,
        together=moment.together,
        left_out=False,
    )
