"""Several people code one interview: what each has read, and how passages are settled in which they differ."""

from django.db import transaction

from accounts.models import Membership
from core import audit
from core.exceptions import ConflictError
from core.write import change, create
from interviews.choices import SuggestionState
from interviews.models import Answer, Excerpt, Reading, Ruling
from interviews.selectors import ReadAnswer, contested_spans, read_answers
from interviews.services.coding import excerpt_put_back, excerpt_take_off


@transaction.atomic
def reading_mark(*, answer: Answer, actor: Membership, alone: bool = False) -> Reading:
    """Say that this person has read an answer as it stands for all their codes; `alone` without seeing the others'."""
    answer = Answer.objects.select_for_update().get(pk=answer.pk)
    found = Reading.objects.filter(answer=answer, reader=actor).first()
    if found is None:
        found = create(
            Reading(workspace_id=answer.workspace_id, answer=answer, reader=actor, version=answer.version, alone=alone)
        )
    elif found.version == answer.version or not change(found, version=answer.version, alone=alone):
        return found
    audit.record("answer.read", answer, actor=actor, changes={"version": answer.version})
    return found


@transaction.atomic
def reading_unmark(*, answer: Answer, actor: Membership) -> None:
    """Take back that this person has read an answer."""
    if Reading.objects.filter(answer=answer, reader=actor).delete()[0]:
        audit.record("answer.unread", answer, actor=actor)


@transaction.atomic
def ruling_make(*, answer: Answer, start: int, end: int, chosen: Membership | None, actor: Membership) -> Ruling:
    """Settle a passage in which readers differ: take the coding of `chosen`, or keep all of it where that is None.

    What each had said stays on record, so that the agreement is that of people who coded on their own.

    Raises
    ------
    ConflictError
        Where the passage is no longer one in which they differ, or the chosen one has not read it.
    """
    answer = Answer.objects.select_for_update().get(pk=answer.pk)
    read = next(iter(read_answers(actor, answer=answer.pk)), None)
    if read is None or (start, end) not in contested_spans(read):
        raise ConflictError("This passage was settled or coded anew meanwhile. Here is how it stands now.")
    if chosen is not None and chosen.pk not in read.readers:
        raise ConflictError("They have not read this passage as it stands, so their coding cannot be taken.")
    votes = [
        [vote.code, vote.coder, vote.start - start, vote.end - start]
        for vote in read.votes
        if vote.coder in read.readers and vote.start < end and start < vote.end
    ]
    removed = [] if chosen is None else _take_off_others(read, start, end, chosen, actor)
    ruling = create(
        Ruling(
            workspace_id=answer.workspace_id,
            answer=answer,
            start=start,
            end=end,
            quote=answer.text[start:end],
            votes=votes,
            chosen=chosen,
            removed=removed,
            ruled_by=actor,
        )
    )
    changes = {"chosen": str(chosen.user) if chosen else "all", "removed": len(removed), "start": start, "end": end}
    audit.record("ruling.make", answer, actor=actor, changes=changes)
    return ruling


def _take_off_others(read: ReadAnswer, start: int, end: int, chosen: Membership, actor: Membership) -> list[object]:
    """Take off what readers other than the chosen one coded inside the passage; others have not spoken and stay."""
    coders: dict[int, set[int]] = {}
    for vote in read.votes:
        if vote.excerpt is not None and start <= vote.start and vote.end <= end:
            coders.setdefault(vote.excerpt, set()).add(vote.coder)
    gone = [pk for pk, people in coders.items() if chosen.pk not in people and people <= read.readers]
    rows = Excerpt.objects.filter(pk__in=gone).select_related("code").order_by("pk")
    return [excerpt_take_off(excerpt=row, actor=actor, state=SuggestionState.REFUSED, whole=True) for row in rows]


@transaction.atomic
def ruling_undo(*, ruling: Ruling, actor: Membership) -> None:
    """Open a settled passage again: the codes that went come back."""
    Answer.objects.select_for_update().get(pk=ruling.answer_id)
    found = Ruling.objects.filter(pk=ruling.pk).select_related("answer").first()
    if found is None:
        raise ConflictError("This passage is open again already.")
    found.delete()
    for kept in found.removed:
        excerpt_put_back(kept)
    audit.record("ruling.undo", found.answer, actor=actor, changes={"start": found.start, "end": found.end})
