"""The timeline: an interview's activities in the order in which they happened, with returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.core import signing
from django.db import transaction

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError
from core.write import change, create
from interviews.choices import Kind
from interviews.models import Code, Excerpt, Interview, Moment
from interviews.selectors import excerpts_as_told

SALT = "interviews.timeline"
UNDO_SECONDS = 24 * 3600
MOST_MOMENTS = 500


@dataclass(frozen=True)
class MomentInput:
    """An activity at its place; the place is its place in the sequence."""

    code: Code
    excerpt: Excerpt | None = None
    happened_on: date | None = None


def _locked(interview: Interview) -> list[Moment]:
    Interview.objects.select_for_update().get(pk=interview.pk)
    return list(interview.moments.select_related("code", "excerpt").order_by("position"))


@transaction.atomic
def moments_set(
    *, interview: Interview, moments: Sequence[MomentInput], actor: Membership | None, verb: str = "timeline.set"
) -> list[Moment]:
    """Make the timeline these moments, in this order. A moment that stays keeps its row."""
    if len(moments) > MOST_MOMENTS:
        raise ApplicationError(f"A timeline has at most {MOST_MOMENTS} moments.")
    wrong = next((moment.code for moment in moments if moment.code.kind != Kind.ACTIVITY), None)
    if wrong is not None:
        raise ApplicationError(f"“{wrong.name}” is not an activity, so it has no place in the timeline.")
    stands = _locked(interview)
    free = list(stands)
    placed: list[Moment] = []
    for wanted in moments:
        row = _take(free, wanted) or Moment(workspace_id=interview.workspace_id, interview=interview, code=wanted.code)
        row.excerpt, row.happened_on = wanted.excerpt, wanted.happened_on
        placed.append(row)
    Moment.objects.filter(pk__in=[row.pk for row in free]).delete()
    _place(placed)
    audit.record(verb, interview, actor=actor, changes={"moments": [len(stands), len(placed)]})
    return placed


def _take(free: list[Moment], wanted: MomentInput) -> Moment | None:
    """Take the row that says the same out of `free`: with the same excerpt, else of the same code."""
    same = [row for row in free if row.code_id == wanted.code.pk]
    exact = [row for row in same if row.excerpt_id == (wanted.excerpt.pk if wanted.excerpt else None)]
    row = next(iter(exact or same), None)
    if row is not None:
        free.remove(row)
    return row


def _place(moments: Sequence[Moment]) -> None:
    """Number the moments: those that stand first, so that the places of new ones are free."""
    new = []
    for position, row in enumerate(moments, start=1):
        row.position = position
        if not row.created_at:
            new.append(row)
    stand = [row for row in moments if row.created_at]
    Moment.objects.bulk_update(stand, ["position", "excerpt", "happened_on"], batch_size=500)
    for row in new:
        create(row)


@transaction.atomic
def moments_draft(*, interview: Interview, actor: Membership | None) -> list[Moment]:
    """Draft the timeline from the coded activities in the order told. The same activity told on end is one moment;
    told again after another, it is a return.
    """
    excerpts = [excerpt for excerpt in excerpts_as_told(interview) if excerpt.code.kind == Kind.ACTIVITY]
    firsts = [next(group) for _, group in groupby(excerpts, key=lambda excerpt: excerpt.code_id)]
    drafted = [MomentInput(code=excerpt.code, excerpt=excerpt) for excerpt in firsts[:MOST_MOMENTS]]
    return moments_set(interview=interview, moments=drafted, actor=actor, verb="timeline.draft")


@transaction.atomic
def moment_add(
    *,
    interview: Interview,
    code: Code,
    actor: Membership,
    position: int | None = None,
    happened_on: date | None = None,
    excerpt: Excerpt | None = None,
) -> Moment:
    """Add an activity at `position` (1 is the first; None the end); one that came before is a return."""
    if code.kind != Kind.ACTIVITY:
        raise ApplicationError(f"“{code.name}” is not an activity, so it has no place in the timeline.")
    stands = _locked(interview)
    if len(stands) >= MOST_MOMENTS:
        raise ApplicationError(f"A timeline has at most {MOST_MOMENTS} moments.")
    row = Moment(
        workspace_id=interview.workspace_id, interview=interview, code=code, happened_on=happened_on, excerpt=excerpt
    )
    place = len(stands) if position is None else min(max(position, 1), len(stands) + 1) - 1
    _place([*stands[:place], row, *stands[place:]])
    audit.record("timeline.add", interview, actor=actor, changes={"activity": code.name, "position": place + 1})
    return row


@transaction.atomic
def moment_move(*, moment: Moment, position: int, actor: Membership) -> Moment:
    """Move a moment to `position` (1 is the first)."""
    stands = _locked(moment.interview)
    row = next((row for row in stands if row.pk == moment.pk), None)
    if row is None:
        raise ApplicationError("This moment is no longer there. Load the page to see the timeline as it is.")
    before = row.position
    order = [other for other in stands if other.pk != moment.pk]
    place = min(max(position, 1), len(stands)) - 1
    order.insert(place, row)
    _place(order)
    changes = {"activity": row.code.name, "position": [before, place + 1]}
    audit.record("timeline.move", moment.interview, actor=actor, changes=changes)
    return row


@transaction.atomic
def moment_date(*, moment: Moment, happened_on: date | None, actor: Membership) -> Moment:
    """Say when it happened, or that nobody knows."""
    changes = change(moment, happened_on=happened_on)
    if changes:
        audit.record("timeline.date", moment.interview, actor=actor, changes=changes)
    return moment


@transaction.atomic
def moment_remove(*, moment: Moment, actor: Membership) -> None:
    """Take a moment out of the timeline; its excerpt stays."""
    stands = _locked(moment.interview)
    Moment.objects.filter(pk=moment.pk).delete()
    _place([row for row in stands if row.pk != moment.pk])
    changes = {"activity": moment.code.name, "position": moment.position}
    audit.record("timeline.remove", moment.interview, actor=actor, changes=changes)


def moments_snapshot(*, interview: Interview) -> str:
    """Give the timeline as it stands, signed, for `moments_restore`."""
    rows = interview.moments.values_list("code_id", "excerpt_id", "happened_on")
    kept = [[code, excerpt, day.isoformat() if day else None] for code, excerpt, day in rows]
    return signing.dumps({"interview": interview.pk, "moments": kept}, salt=SALT, compress=True)


@transaction.atomic
def moments_restore(*, interview: Interview, token: str, actor: Membership) -> list[Moment]:
    """Put the timeline back as `moments_snapshot` saw it; codes and excerpts that are gone are left out."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise ApplicationError("This can no longer be undone.") from error
    if kept["interview"] != interview.pk:
        raise ApplicationError("This can no longer be undone.")
    codes = Code.objects.in_bulk([row[0] for row in kept["moments"]])
    excerpts = Excerpt.objects.in_bulk([row[1] for row in kept["moments"] if row[1]])
    moments = [
        MomentInput(
            code=codes[code], excerpt=excerpts.get(excerpt), happened_on=date.fromisoformat(day) if day else None
        )
        for code, excerpt, day in kept["moments"]
        if code in codes
    ]
    return moments_set(interview=interview, moments=moments, actor=actor, verb="timeline.restore")
