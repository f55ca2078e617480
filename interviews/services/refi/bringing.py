"""Bring what a document says into the workspace. What stands here stays, but for what a person chose to take over."""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Membership
from accounts.selectors import members
from core.exceptions import ApplicationError
from interviews.choices import Job, Kind, PurchaseOutcome
from interviews.models import (
    BETWEEN_NAMES,
    LONGEST_NAMES,
    LONGEST_NOTE,
    LONGEST_TEXT,
    AlsoCoded,
    Answer,
    Code,
    Excerpt,
    GuideVersion,
    Interview,
    Moment,
    Segment,
)
from interviews.services.code_tree import code_move
from interviews.services.coding import code_create, code_update
from interviews.services.guides import MOST_QUESTIONS, QuestionInput, guide_bring
from interviews.services.recording import answers_save, interview_create, segment_create
from interviews.services.refi.comparing import CodePlan, code_plans, known_interviews
from interviews.services.refi.document import Coding, Document, GuideItem, Source
from interviews.services.refi.gathering import BROUGHT
from interviews.services.story import MOST_MOMENTS
from interviews.validators import validate_span
from jobs.services import Progress

FOREIGN_GUIDE = "Brought in from another program"
FOREIGN_QUESTION = "What they told us"
OUTCOMES = {str(label).casefold(): value for value, label in PurchaseOutcome.choices} | {
    value: value for value in PurchaseOutcome.values
}


@dataclass
class Brought:
    """What came of a file."""

    codes: int = 0
    codes_changed: int = 0
    interviews: int = 0
    passages: int = 0
    passages_known: int = 0
    passages_lost: int = 0
    texts_too_long: list[str] = field(default_factory=list)


@dataclass
class Stretch:
    """An answer here and the part of a source that it is: `start` to `end` in the source's text."""

    answer: Answer
    start: int
    end: int


class Bringing:
    """One file on its way in. Everything happens inside the caller's transaction."""

    def __init__(self, document: Document, *, actor: Membership, default_kind: str, take: Collection[str]) -> None:
        self.document = document
        self.actor = actor
        self.default_kind = default_kind
        self.take = set(take)
        self.done = Brought()
        self.codes: dict[str, Code] = {}
        self.coders = {coder.guid: coder.name for coder in document.coders}
        people: dict[str, list[Membership]] = {}
        for person in members(actor):
            people.setdefault(str(person.user).casefold(), []).append(person)
        self.members = {name: found[0] for name, found in people.items() if len(found) == 1}

    def run(self, progress: Progress | None = None) -> Brought:
        """Bring codes, guides and interviews."""
        self._codes()
        versions = {guide.guid: self._version(guide) for guide in self.document.guides}
        questions = {asked.guid: asked.position for guide in self.document.guides for asked in guide.questions}
        known = known_interviews(self.document)
        for number, source in enumerate(self.document.sources, start=1):
            if progress is not None:
                progress.at(number, f"Bringing in {source.name}"[:200])
            here = known.get(source.guid)
            if here is not None:
                self._codings(source, _stretches(source, here, questions))
                continue
            made = self._interview(source, versions.get(source.guide), questions)
            if made is not None:
                self._moments(source, made, self._codings(source, _stretches(source, made, questions)))
        return self.done

    # codes

    def _codes(self) -> None:
        plans, by_guid = code_plans(self.document, self.default_kind)
        for plan in plans:
            if plan.row is None:
                plan.row = self._code(plan)
                self.done.codes += 1
            elif plan.differs and plan.item.guid in self.take:
                self._take(plan, plan.row)
        self.codes = {guid: plan.row for guid, plan in by_guid.items() if plan.row is not None}

    def _code(self, plan: CodePlan) -> Code:
        parent = plan.parent.row if plan.parent else None
        facts: dict[str, Any] = {
            "kind": plan.kind,
            "name": plan.item.name,
            "description": plan.item.description[:LONGEST_NOTE],
            "job": plan.item.job,
            "channel": plan.item.channel,
        }
        try:
            return code_create(actor=self.actor, parent=parent, **facts)
        except ApplicationError as error:
            if "parent" not in error.fields:
                raise
            return code_create(actor=self.actor, **facts)

    def _take(self, plan: CodePlan, row: Code) -> None:
        facts = {name: said[1] for name, said in plan.differs.items() if name != "parent"}
        if "description" in facts:
            facts["description"] = facts["description"][:LONGEST_NOTE]
        if facts:
            code_update(code=row, actor=self.actor, **facts)
        if "parent" in plan.differs and plan.parent is not None:
            with contextlib.suppress(ApplicationError):  # here it would stand below itself, or too deep
                code_move(code=row, parent=plan.parent.row, actor=self.actor)
        self.done.codes_changed += 1

    # interviews

    def _version(self, guide: GuideItem) -> GuideVersion:
        questions = [QuestionInput(row.text[:300], row.job, row.prompts[:LONGEST_NOTE]) for row in guide.questions]
        return guide_bring(
            title=guide.title[:120],
            number=guide.number,
            introduction=guide.introduction[:LONGEST_NOTE],
            questions=questions[:MOST_QUESTIONS],
            actor=self.actor,
        )

    def _interview(self, source: Source, version: GuideVersion | None, questions: dict[str, int]) -> Interview | None:
        if version is None or not (source.answers or not source.text.strip()):
            asked = [QuestionInput(FOREIGN_QUESTION, Job.RECOGNISE)]
            version = guide_bring(title=FOREIGN_GUIDE, number=1, introduction="", questions=asked, actor=self.actor)
            texts = {1: source.text}
        else:
            texts = {questions[span.question]: source.text[span.start : span.end] for span in source.answers}
        if any(len(text) > LONGEST_TEXT for text in texts.values()):
            self.done.texts_too_long.append(source.name)
            return None
        made = interview_create(actor=self.actor, guide_version=version, **self._facts(source))
        answers_save(interview=made, texts={place: text for place, text in texts.items() if text}, actor=self.actor)
        self.done.interviews += 1
        return made

    def _facts(self, source: Source) -> dict[str, Any]:
        said = source.facts
        held_on = timezone.localdate()
        with contextlib.suppress(ValueError):
            held_on = date.fromisoformat(said.get("held_on", "")[:10])
        return {
            "customer": (said.get("customer") or source.name or "A customer")[:160],
            "role": said.get("role", "")[:160],
            "segment": self._segment(" ".join(said.get("segment", "").split())[:80]),
            "held_on": held_on,
            "outcome": OUTCOMES.get(said.get("outcome", "").casefold(), PurchaseOutcome.OPEN),
            "weight": _weight(said.get("weight", "")),
            "consent": said.get("consent", "").casefold() in {"true", "1", "yes"},
            "notes": source.memo[:LONGEST_NOTE],
            "account": source.account[: 10 * LONGEST_TEXT],
            "external_id": (said.get("external_id") or f"{BROUGHT}{source.guid}")[:120],
        }

    def _segment(self, name: str) -> Segment | None:
        if not name:
            return None
        return Segment.objects.filter(name__iexact=name).first() or segment_create(name=name, actor=self.actor)

    # coding

    def _codings(self, source: Source, stretches: list[Stretch]) -> dict[tuple[int, int, int], Excerpt]:
        """Store what is coded in a source; give it by code and place in the source."""
        found: dict[tuple[int, int, int], Excerpt] = {}
        here: dict[tuple[int, int, int, int], Excerpt] = {}
        answers = [stretch.answer.pk for stretch in stretches]
        for row in Excerpt.objects.filter(answer__in=answers):
            here[row.answer_id, row.code_id, row.start, row.end] = row
        stamped: list[Excerpt] = []
        for coding in source.codings:
            code = self.codes.get(coding.code)
            placed = None if code is None else _placed(coding, stretches)
            if code is None or placed is None:
                self.done.passages_lost += 1
                continue
            answer, start, end = placed
            key = (answer.pk, code.pk, start, end)
            excerpt = here.get(key)
            if excerpt is None:
                excerpt = here[key] = self._excerpt(answer, code, start, end, coding)
                stamped.append(excerpt)
                self.done.passages += 1
            else:
                self._also(excerpt, coding)
            found[code.pk, coding.start, coding.end] = excerpt
        Excerpt.objects.bulk_update([row for row in stamped if row.created_at], ["created_at"], batch_size=500)
        return found

    def _coder(self, coding: Coding) -> tuple[Membership | None, str]:
        name = self.coders.get(coding.coder, "")
        member = self.members.get(name.casefold()) if name else None
        return member, "" if member else name.replace(BETWEEN_NAMES, ", ")

    def _excerpt(self, answer: Answer, code: Code, start: int, end: int, coding: Coding) -> Excerpt:
        member, name = self._coder(coding)
        excerpt = Excerpt(
            workspace_id=answer.workspace_id,
            answer=answer,
            code=code,
            start=start,
            end=end,
            quote=answer.text[start:end],
            coded_by=member,
            coder_name=name,
        )
        excerpt.save(force_insert=True)
        excerpt.created_at = coding.at or excerpt.created_at
        return excerpt

    def _also(self, excerpt: Excerpt, coding: Coding) -> None:
        """Another coder of the same words and code, or the same coding once more."""
        member, name = self._coder(coding)
        if member is None:
            names = excerpt.coder_name.split(BETWEEN_NAMES) if excerpt.coder_name else []
            joined = BETWEEN_NAMES.join(dict.fromkeys([*names, name] if name else names))
            if len(joined) > LONGEST_NAMES:
                self.done.passages_lost += 1
                return
            if joined != excerpt.coder_name:
                excerpt.coder_name = joined
                Excerpt.objects.filter(pk=excerpt.pk).update(coder_name=joined)
        elif excerpt.coded_by_id is None:
            excerpt.coded_by = member
            Excerpt.objects.filter(pk=excerpt.pk).update(coded_by=member)
        elif excerpt.coded_by_id != member.pk:
            AlsoCoded.objects.get_or_create(workspace_id=excerpt.workspace_id, excerpt=excerpt, coder=member)
        self.done.passages_known += 1

    def _moments(self, source: Source, made: Interview, excerpts: dict[tuple[int, int, int], Excerpt]) -> None:
        names = {code.name.casefold(): code for code in self.codes.values() if code.kind == Kind.ACTIVITY}
        rows: list[Moment] = []
        for moment in source.moments[:MOST_MOMENTS]:
            code = names.get(moment.activity.casefold())
            if code is None:
                continue
            rows.append(
                Moment(
                    workspace_id=made.workspace_id,
                    interview=made,
                    code=code,
                    position=len(rows) + 1,
                    excerpt=excerpts.get((code.pk, *moment.span)) if moment.span else None,
                    happened_on=date.fromisoformat(moment.day) if moment.day else None,
                    together=moment.together,
                    place_words=moment.place_words[:120],
                    date_words=moment.date_words[:120],
                )
            )
        Moment.objects.bulk_create(rows)


def _weight(said: str) -> Decimal:
    with contextlib.suppress(InvalidOperation):
        value = Decimal(said).quantize(Decimal("0.01"))
        if Decimal("0.01") <= value <= Decimal("999.99"):
            return value
    return Decimal(1)


def _stretches(source: Source, interview: Interview, questions: dict[str, int]) -> list[Stretch]:
    """Find the answers of an interview in a source: by its own marks where the words are the same, else as a whole."""
    answers = {row.question.position: row for row in interview.answers.select_related("question")}
    found = []
    for span in source.answers:
        answer = answers.get(questions.get(span.question, 0))
        if answer is not None and answer.text == source.text[span.start : span.end]:
            found.append(Stretch(answer, span.start, span.end))
    if source.answers:
        return found
    for answer in answers.values():
        start = source.text.find(answer.text) if answer.text else -1
        if start >= 0:
            found.append(Stretch(answer, start, start + len(answer.text)))
    return found


def _placed(coding: Coding, stretches: list[Stretch]) -> tuple[Answer, int, int] | None:
    """Give the answer and the place in it; a passage that reaches beyond an answer is cut at its edge."""
    for stretch in stretches:
        start, end = max(coding.start, stretch.start), min(coding.end, stretch.end)
        if start < end:
            with contextlib.suppress(ValidationError):
                return (
                    stretch.answer,
                    *validate_span(stretch.answer.text, start - stretch.start, end - stretch.start),
                )
    return None
