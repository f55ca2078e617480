"""Interviews as other programs send them: facts, answers and moments at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from core.exceptions import ConflictError
from core.identifiers import number_of
from interviews.choices import Kind
from interviews.models import Code, GuideVersion, Interview, Moment, Segment
from interviews.services.coding import code_create
from interviews.services.guides import guide_ensure_default
from interviews.services.recording import answers_save, interview_create, interview_update, segment_create
from interviews.services.story import MomentInput, moments_set


@dataclass(frozen=True)
class Told:
    """What was sent beside the facts; None where nothing was sent. `segment` is an id or a name, "" takes it off.

    Answers are (question's place or id, text), moments (activity's id or name, date, together with the one before).
    """

    segment: str | None = None
    answers: Sequence[tuple[int | str, str]] | None = None
    moments: Sequence[tuple[str, date | None, bool]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class NotThereError(ConflictError):
    """What the request names is not there."""

    code = "unknown"


def interview_put(*, actor: Membership, external_id: str, told: Told) -> tuple[Interview, bool]:
    """Make the interview of this external id, or bring it up to date; tell whether it was made."""
    known = Interview.objects.filter(external_id=external_id).first() if external_id else None
    if known is None:
        try:
            return _make(actor, external_id, told), True
        except IntegrityError as error:  # another request made it, or a code of it, between our look and our write
            known = Interview.objects.filter(external_id=external_id).first() if external_id else None
            if known is None:
                raise ConflictError("Somebody else is adding the same thing. Send this again.") from error
    return interview_change(interview=known, actor=actor, told=told), False


@transaction.atomic
def _make(actor: Membership, external_id: str, told: Told) -> Interview:
    version = guide_ensure_default(actor=actor)
    facts: dict[str, Any] = {"held_on": timezone.localdate(), **told.facts}
    segment = _segment(actor, told.segment)
    interview = interview_create(actor=actor, guide_version=version, external_id=external_id, segment=segment, **facts)
    _rest(interview, actor, told)
    return interview


@transaction.atomic
def interview_change(*, interview: Interview, actor: Membership, told: Told) -> Interview:
    """Bring an interview up to date with what was sent."""
    facts = dict(told.facts)
    if told.segment is not None:
        facts["segment"] = _segment(actor, told.segment)
    if facts:
        interview = interview_update(interview=interview, version=None, actor=actor, **facts)
    _rest(interview, actor, told)
    return interview


def _rest(interview: Interview, actor: Membership, told: Told) -> None:
    if told.answers is not None:
        texts = _by_position(interview.guide_version, told.answers)
        answers_save(interview=interview, texts=texts, actor=actor)
    if told.moments is not None:
        codes = _activities(actor, [name for name, _, _ in told.moments])
        moments = [
            MomentInput(code=codes[name], happened_on=day, together=together) for name, day, together in told.moments
        ]
        moments_set(interview=interview, moments=_with_excerpts(interview, moments), actor=actor)


def _with_excerpts(interview: Interview, moments: Sequence[MomentInput]) -> list[MomentInput]:
    """Keep the quotes that moments of the same activity had, in their order, and the words of dates that stay."""
    stood: dict[int, list[Moment]] = {}
    for row in interview.moments.select_related("excerpt").order_by("position"):
        stood.setdefault(row.code_id, []).append(row)
    kept = []
    for moment in moments:
        left = stood.get(moment.code.pk)
        if left:
            row = left.pop(0)
            words = row.date_words if row.happened_on == moment.happened_on else ""
            kept.append(replace(moment, excerpt=row.excerpt, place_words=row.place_words, date_words=words))
        else:
            kept.append(moment)
    return kept


def _by_position(version: GuideVersion, answers: Sequence[tuple[int | str, str]]) -> dict[int, str]:
    """Give the texts by their question's place, whether it was named by its place or by its id."""
    questions = list(version.questions.all())
    places = {question.position for question in questions}
    ids = {str(question.pk): question.position for question in questions}
    texts: dict[int, str] = {}
    for question, text in answers:
        place = question if isinstance(question, int) else ids.get(question, number_of(question))
        if place not in places:
            message = f"There is no question {question} in the guide “{version}”."
            raise NotThereError(message, fields={"answers": [message]})
        if place in texts:
            message = f"Question {place} is answered twice."
            raise ConflictError(message, fields={"answers": [message]})
        texts[place] = text
    return texts


def _segment(actor: Membership, wanted: str | None) -> Segment | None:
    """Find the segment by id or name; a name that is not known makes it."""
    if not wanted:
        return None
    if wanted.isascii() and wanted.isdigit():
        found = Segment.objects.filter(pk=number_of(wanted)).first() or Segment.objects.filter(name=wanted).first()
        if found is None:
            message = f"There is no segment {wanted}."
            raise NotThereError(message, fields={"segment": [message]})
        return found
    return Segment.objects.filter(name__iexact=wanted).first() or segment_create(name=wanted, actor=actor)


def _activities(actor: Membership, wanted: Sequence[str]) -> dict[str, Code]:
    """Find the activities by id or name; names that are not known make the codes."""
    by_id = {str(pk): code for pk, code in Code.objects.in_bulk([number_of(text) for text in wanted]).items()}
    by_name = {code.name.lower(): code for code in Code.objects.filter(kind=Kind.ACTIVITY)}
    found: dict[str, Code] = {}
    for text in wanted:
        name = " ".join(text.split())
        code = by_id.get(text) or by_name.get(name.lower())
        if code is None:
            code = code_create(actor=actor, kind=Kind.ACTIVITY, name=name)
            by_name[name.lower()] = code
        found[text] = code
    return found
