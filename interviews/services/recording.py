"""Segments, interviews and their answers."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Membership
from core import audit, scope
from core.exceptions import ConflictError
from core.write import change, create
from interviews.choices import PurchaseOutcome
from interviews.models import Answer, GuideVersion, Interview, Segment
from interviews.services.anchors import spans_follow
from interviews.services.guides import guide_ensure_default

# what a person wrote about another stays out of the audit's changes: that it changed is enough
PERSONAL = frozenset({"notes", "account", "role"})
EDITABLE = frozenset(
    {"customer", "role", "segment", "held_on", "outcome", "weight", "consent", "notes", "account", "external_id"}
)


@transaction.atomic
def segment_create(*, name: str, actor: Membership | None, description: str = "") -> Segment:
    """Make a segment."""
    segment = create(Segment(workspace_id=scope.workspace_id(), name=name.strip(), description=description.strip()))
    audit.record("segment.create", segment, actor=actor)
    return segment


@transaction.atomic
def segment_update(*, segment: Segment, actor: Membership, **fields: Any) -> Segment:
    """Rename or describe a segment."""
    changes = change(segment, **fields)
    if changes:
        audit.record("segment.update", segment, actor=actor, changes=changes)
    return segment


@transaction.atomic
def interview_create(  # noqa: PLR0913  keyword-only: the facts of an interview
    *,
    actor: Membership | None,
    customer: str,
    held_on: date,
    outcome: str = PurchaseOutcome.OPEN,
    segment: Segment | None = None,
    role: str = "",
    weight: Decimal | int = 1,
    consent: bool = False,
    notes: str = "",
    account: str = "",
    external_id: str = "",
    guide_version: GuideVersion | None = None,
) -> Interview:
    """Record an interview with an empty answer to each question of the guide (the default one if none is named)."""
    version = guide_version or guide_ensure_default(actor=actor)
    interview = create(
        Interview(
            workspace_id=version.workspace_id,
            guide_version=version,
            customer=customer,
            role=role,
            segment=segment,
            held_on=held_on,
            outcome=outcome,
            weight=weight,
            consent=consent,
            notes=notes,
            account=account,
            external_id=external_id,
            recorded_by=actor,
        )
    )
    Answer.objects.bulk_create(
        Answer(workspace_id=version.workspace_id, interview=interview, question=question)
        for question in version.questions.all()
    )
    audit.record("interview.create", interview, actor=actor, changes={"outcome": outcome})
    return interview


@transaction.atomic
def interview_update(
    *, interview: Interview, version: int | None, actor: Membership | None, **fields: Any
) -> Interview:
    """Change the facts of an interview. `version` is the one that the person saw (None: whatever stands).

    Raises
    ------
    ConflictError
        When somebody else changed it since.
    """
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not a fact of an interview: {', '.join(sorted(unknown))}")
    interview = Interview.objects.select_for_update(of=("self",)).select_related("segment").get(pk=interview.pk)
    if version is not None and version != interview.version and _differs(interview, fields):
        raise ConflictError("Somebody else changed this interview meanwhile.")
    changes = change(interview, **fields)
    if changes:
        change(interview, version=interview.version + 1)
        shown = {name: "changed" if name in PERSONAL else values for name, values in changes.items()}
        audit.record("interview.update", interview, actor=actor, changes=shown)
    return interview


def _differs(interview: Interview, fields: Mapping[str, Any]) -> bool:
    return any(getattr(interview, name) != value for name, value in fields.items())


@transaction.atomic
def answer_save(*, answer: Answer, text: str, version: int | None, actor: Membership | None) -> Answer:
    """Store what they said. Excerpts and suggestions follow their words; those whose words are gone go with them.

    Raises
    ------
    ConflictError
        When somebody else changed the answer since the `version` that the person saw (None: whatever stands).
    """
    answer = Answer.objects.select_for_update().get(pk=answer.pk)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text == answer.text:
        return answer
    if version is not None and version != answer.version:
        raise ConflictError("Somebody else changed this answer meanwhile.")
    before = answer.text
    change(answer, text=text, version=answer.version + 1, updated_by=actor)
    lost = spans_follow(answer, before)
    changes = {"length": [len(before), len(text)], "version": answer.version}
    if lost:
        changes["excerpts_lost"] = lost
    audit.record("answer.save", answer, actor=actor, changes=changes)
    return answer


@transaction.atomic
def answers_save(*, interview: Interview, texts: Mapping[int, str], actor: Membership | None) -> None:
    """Store answers by the position of their question, whatever stood there."""
    answers = {answer.question.position: answer for answer in interview.answers.select_related("question")}
    for position, text in texts.items():
        answer_save(answer=answers[position], text=text, version=None, actor=actor)
