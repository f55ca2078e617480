"""The timeline: an interview's activities in the order in which they happened, with returns."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError, ConflictError
from core.write import change, create
from interviews.choices import Kind
from interviews.models import Code, Excerpt, Interview, Moment
from interviews.services.date_words import date_told
from interviews.services.drafting import LONGEST_WORDS, DraftedMoment, draft_of

SALT = "interviews.timeline"
UNDO_SECONDS = 24 * 3600
MOST_MOMENTS = 500
STANDS = "There is a timeline by now. Take from the draft what you want to add to it."
KEPT = ("together", "place_words", "date_words")
PLACED = ["position", "excerpt", "happened_on", "together", "place_words", "date_words"]


@dataclass(frozen=True)
class MomentInput:
    """An activity at its place; the place is its place in the sequence."""

    code: Code
    excerpt: Excerpt | None = None
    happened_on: date | None = None
    together: bool = False
    place_words: str = ""
    date_words: str = ""


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
        row.excerpt, row.happened_on, row.together = wanted.excerpt, wanted.happened_on, wanted.together
        row.place_words, row.date_words = wanted.place_words, wanted.date_words
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
    """Number the moments: those that stand first, so that the places of new ones are free.

    The first is together with none.
    """
    new = []
    for row in moments[:1]:
        row.together = False
    for position, row in enumerate(moments, start=1):
        row.position = position
        if not row.created_at:
            new.append(row)
    stand = [row for row in moments if row.created_at]
    Moment.objects.bulk_update(stand, PLACED, batch_size=500)
    for row in new:
        create(row)


@transaction.atomic
def moments_draft(*, interview: Interview, actor: Membership | None) -> list[Moment]:
    """Draft the timeline from the coded activities and the words around them. One that stands is not drafted over."""
    if _locked(interview):
        raise ConflictError(STANDS)
    drafted = [moment_of(part) for part in draft_of(interview)[:MOST_MOMENTS]]
    return moments_set(interview=interview, moments=drafted, actor=actor, verb="timeline.draft")


def moment_of(part: DraftedMoment) -> MomentInput:
    """Give what a drafted moment asks for."""
    return MomentInput(
        part.excerpt.code, part.excerpt, part.happened_on, part.together, part.place_words, part.date_words
    )


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
    order = _without(stands, row)
    place = min(max(position, 1), len(stands)) - 1
    row.together = False
    order.insert(place, row)
    _place(order)
    changes = {"activity": row.code.name, "position": [before, place + 1]}
    audit.record("timeline.move", moment.interview, actor=actor, changes=changes)
    return row


@transaction.atomic
def moment_date(*, moment: Moment, happened_on: date | None, actor: Membership, words: str = "") -> Moment:
    """Say when it happened, or that nobody knows, and the customer's `words` for it; words alone are read as a date."""
    words = " ".join(words.split())[:LONGEST_WORDS]
    if words and happened_on is None:
        happened_on = _date_in(words, moment)
    changes = change(moment, happened_on=happened_on, date_words=words)
    if changes:
        # the words are the customer's: that they changed is enough for the record
        shown = {name: "changed" if name == "date_words" else values for name, values in changes.items()}
        audit.record("timeline.date", moment.interview, actor=actor, changes=shown)
    return moment


def _date_in(words: str, moment: Moment) -> date:
    """Read a date told in words, against the interview's date or that of the moment before."""
    told = date_told(words, 0, 0, len(words), moment.interview.held_on)
    if told is not None and told.on is not None:
        return told.on
    dated = moment.interview.moments.filter(position__lt=moment.position, happened_on__isnull=False)
    before = dated.order_by("-position").values_list("happened_on", flat=True).first()
    if told is not None and told.days_after is not None and before is not None:
        return before + timedelta(days=told.days_after)
    message = f"“{words}” does not say which day it was. Choose the day."
    raise ApplicationError(message, fields={"happened_on": [message]})


@transaction.atomic
def moment_together(*, moment: Moment, together: bool, actor: Membership) -> Moment:
    """Say that a moment happened at the same time as the one before it, or that it did not."""
    stands = _locked(moment.interview)
    if together and stands and stands[0].pk == moment.pk:
        raise ApplicationError("Nothing stands before the first moment.")
    changes = change(moment, together=together)
    if changes:
        audit.record("timeline.together", moment.interview, actor=actor, changes=changes)
    return moment


def _without(stands: Sequence[Moment], row: Moment) -> list[Moment]:
    """Take a moment out; those that were together with it stay together with each other."""
    place = next((place for place, other in enumerate(stands) if other.pk == row.pk), None)
    if place is not None and not row.together:
        for follower in stands[place + 1 : place + 2]:
            follower.together = False
    return [other for other in stands if other.pk != row.pk]


@transaction.atomic
def moment_remove(*, moment: Moment, actor: Membership) -> None:
    """Take a moment out of the timeline; its excerpt stays."""
    stands = _locked(moment.interview)
    Moment.objects.filter(pk=moment.pk).delete()
    _place(_without(stands, moment))
    changes = {"activity": moment.code.name, "position": moment.position}
    audit.record("timeline.remove", moment.interview, actor=actor, changes=changes)


def moments_snapshot(*, interview: Interview) -> list[list[Any]]:
    """Give the timeline as it stands, for `moments_undo` after a change."""
    rows = interview.moments.values_list("code_id", "excerpt_id", "happened_on", *KEPT)
    return [[code, excerpt, day.isoformat() if day else None, *rest] for code, excerpt, day, *rest in rows]


def moments_undo(*, interview: Interview, before: list[list[Any]]) -> str:
    """Sign what stood before a change and what stands now, for `moments_restore`."""
    since = _digest(moments_snapshot(interview=interview))
    return signing.dumps({"interview": interview.pk, "moments": before, "since": since}, salt=SALT, compress=True)


def _digest(moments: list[list[Any]]) -> str:
    return hashlib.sha256(json.dumps(moments).encode()).hexdigest()[:16]


@transaction.atomic
def moments_restore(*, interview: Interview, token: str, actor: Membership) -> list[Moment]:
    """Put the timeline back as it stood before a change, unless somebody changed it since; what is gone is left out."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise ApplicationError("This can no longer be undone.") from error
    if kept["interview"] != interview.pk:
        raise ApplicationError("This can no longer be undone.")
    _locked(interview)
    if kept["since"] != _digest(moments_snapshot(interview=interview)):
        raise ConflictError("The timeline has changed since. Nothing was undone.")
    codes = Code.objects.in_bulk([row[0] for row in kept["moments"]])
    excerpts = Excerpt.objects.in_bulk([row[1] for row in kept["moments"] if row[1]])
    moments = [
        MomentInput(
            codes[code],
            excerpts.get(excerpt),
            date.fromisoformat(day) if day else None,
            **dict(zip(KEPT, rest, strict=True)),
        )
        for code, excerpt, day, *rest in kept["moments"]
        if code in codes
    ]
    return moments_set(interview=interview, moments=moments, actor=actor, verb="timeline.restore")
