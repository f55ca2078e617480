"""Files brought in together: kept, read in a job, looked through, and made interviews when a person says so."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError
from core.files import FileError, refuse_size
from core.write import change, create
from interviews.choices import PlacedBy, PurchaseOutcome, SourceState
from interviews.models import LONGEST_TEXT, Code, GuideVersion, Intake, Interview, Passage, Question, Segment, Source
from interviews.selectors import sources_like
from interviews.services.guides import guide_ensure_default
from interviews.services.reading import cut, is_table, read_talk, tellers
from interviews.services.recording import answers_save, interview_create, segment_create
from interviews.services.sorting import pieces_place
from interviews.services.suggesting import suggest_start
from interviews.services.surveys import survey_make
from jobs.models import Job
from jobs.services import Progress, job_start

MOST_FILES: Final = 100
MOST_PASSAGES: Final = 3_000


@dataclass(frozen=True)
class Given:
    """A file as it came, or pasted text under a name of its own; `customer` where somebody said whose account it is."""

    name: str
    content: bytes
    customer: str = ""


@transaction.atomic
def intake_start(*, actor: Membership, files: Sequence[Given], guide_version: GuideVersion | None = None) -> Intake:
    """Keep files and have a worker read them. One that is too large or empty is named at once, its bytes not kept."""
    if not files:
        raise ApplicationError("Choose at least one file, or paste what was said.")
    if len(files) > MOST_FILES:
        raise ApplicationError(f"Bring in at most {MOST_FILES} files at once.")
    version = guide_version or guide_ensure_default(actor=actor)
    intake = create(Intake(workspace_id=actor.workspace_id, guide_version=version, brought_by=actor))
    Source.objects.bulk_create(_kept(intake, given) for given in files)
    job = job_start(
        kind="read interviews",
        task="interviews.read_sources",
        title=f"Reading {files[0].name}" if len(files) == 1 else f"Reading {len(files)} files",
        actor=actor,
        total=len(files),
        result_url=intake.get_absolute_url(),
        intake_id=intake.pk,
    )
    change(intake, job=job)
    audit.record("intake.start", intake, actor=actor, changes={"files": len(files)})
    return intake


def _kept(intake: Intake, given: Given) -> Source:
    source = Source(
        workspace_id=intake.workspace_id,
        intake=intake,
        name=given.name[-200:],
        digest=hashlib.sha256(given.content).hexdigest(),
        facts={"customer": given.customer} if given.customer else {},
    )
    try:
        refuse_size(name=given.name, size=len(given.content))
    except FileError as error:
        source.state, source.reason = SourceState.REFUSED, error.message[:400]
    else:
        source.content = given.content
    return source


def intake_read(job: Job, progress: Progress) -> dict[str, Any]:
    """Read the files that wait, each by itself; one that cannot be read says why and stops no other."""
    intake = Intake.objects.select_related("guide_version").get(pk=job.arguments["intake_id"])
    questions = list(intake.guide_version.questions.all())
    waiting = list(intake.sources.filter(state=SourceState.WAITING).values_list("pk", "name"))
    total = intake.sources.count()
    for done, (pk, name) in enumerate(waiting, start=total - len(waiting)):
        progress.at(done, f"Reading {name}", total=total)
        source_read(source=Source.objects.get(pk=pk), questions=questions)
    states = list(intake.sources.values_list("state", flat=True))
    return {state.value: states.count(state) for state in SourceState if state in states}


@transaction.atomic
def source_read(*, source: Source, questions: Sequence[Question]) -> Source:
    """Read one file: sort what it tells over the questions, or find what the columns of its table are."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.state != SourceState.WAITING:
        return source
    twin = sources_like(source).first()
    if twin is not None:
        change(
            source, state=SourceState.KNOWN, reason=f"The same file was brought in as {twin.name}."[:400], content=b""
        )
        return source
    content = bytes(source.content)
    try:
        if is_table(name=source.name, content=content):
            survey_make(source=source, content=content, questions=questions)
            change(source, state=SourceState.COLUMNS)
        else:
            _sort(source, content, questions)
    except FileError as error:
        change(source, state=SourceState.REFUSED, reason=error.message[:400], content=b"")
    return source


def _sort(source: Source, content: bytes, questions: Sequence[Question]) -> None:
    talk = read_talk(name=source.name, content=content, questions=[question.text for question in questions])
    pieces = [piece for turn in talk.turns for piece in cut(turn)]
    if len(pieces) > MOST_PASSAGES:
        raise FileError(f"{source.name} has more than {MOST_PASSAGES:,} passages, which is more than one interview.")
    heard = tellers(talk.turns)
    tell = {name for name, (_, tells) in heard.items() if tells}
    placed = pieces_place(pieces, questions, tell=tell, named=talk.questions)
    Passage.objects.bulk_create(
        Passage(
            workspace_id=source.workspace_id,
            source=source,
            position=position,
            speaker=piece.speaker[:80],
            text=piece.text,
            starts_ms=piece.starts_ms,
            ends_ms=piece.ends_ms,
            question=placement.question,
            told=piece.speaker in tell,
            placed_by=placement.placed_by,
            sureness=placement.sureness,
        )
        for position, (piece, placement) in enumerate(zip(pieces, placed, strict=True), start=1)
    )
    speakers = [{"name": name[:80], "words": words, "answers": tells} for name, (words, tells) in heard.items()]
    change(source, state=SourceState.SORTED, facts=dict(talk.facts) | source.facts, speakers=speakers)


def _sorted(source: Source) -> Source:
    found = Source.objects.select_for_update(of=("self",)).select_related("intake__guide_version").get(pk=source.pk)
    if found.state != SourceState.SORTED:
        raise ApplicationError(
            f"{found.name} is not waiting to be looked through: {found.get_state_display().lower()}."
        )
    return found


@transaction.atomic
def source_speakers(*, source: Source, tell: Collection[str], actor: Membership) -> Source:
    """Say whose words are answers; everybody else's passages are left out, also those that had been moved."""
    source = _sorted(source)
    speakers = [row | {"answers": row["name"] in tell} for row in source.speakers]
    if not any(row["answers"] for row in speakers):
        raise ApplicationError("Somebody's words have to be the answers.")
    before = {row["name"] for row in source.speakers if row["answers"]}
    after = {row["name"] for row in speakers if row["answers"]}
    source.passages.filter(speaker__in=after - before).update(told=True)
    source.passages.filter(speaker__in=before - after).update(told=False)
    change(source, speakers=speakers)
    audit.record("source.speakers", source, actor=actor, changes={"answers": len(after)})
    return source


@transaction.atomic
def passage_move(*, passage: Passage, question: Question | None, actor: Membership) -> Passage:
    """Put a passage under another question, or leave it out (None)."""
    source = _sorted(passage.source)
    if question is not None and question.version_id != source.intake.guide_version_id:
        raise ApplicationError("This question is of another guide.")
    values: dict[str, Any] = {"told": question is not None, "placed_by": PlacedBy.PERSON}
    if question is not None:
        values["question"] = question
    if change(passage, **values):
        place = question.position if question else None
        audit.record("passage.move", source, actor=actor, changes={"passage": passage.position, "question": place})
    return passage


@transaction.atomic
def source_confirm(
    *, source: Source, actor: Membership, facts: Mapping[str, Any], segment: Segment | None = None
) -> Interview:
    """Make the interview of a file that somebody has looked through, and have suggestions looked for in it."""
    source = _sorted(source)
    told = list(source.passages.filter(told=True).select_related("question").order_by("position"))
    if not told:
        raise ApplicationError("No passage answers a question yet. Put at least one under a question.")
    version = source.intake.guide_version
    account = "\n\n".join(passage.text for passage in told)
    interview = interview_create(actor=actor, segment=segment, guide_version=version, account=account, **facts)
    change(interview, source=source)
    _answer(interview, told, actor)
    source.passages.update(interview=interview)
    change(source, state=SourceState.DONE, content=b"", facts={})
    audit.record("source.confirm", source, actor=actor, changes={"passages": len(told)})
    if Code.objects.exists():
        suggest_start(interview=interview, actor=actor)
    return interview


def _answer(interview: Interview, told: Sequence[Passage], actor: Membership) -> None:
    """Join the passages to answers, a blank line between them, each knowing its place there."""
    answers = {answer.question_id: answer for answer in interview.answers.select_related("question")}
    texts: dict[int, str] = {}
    for passage in told:
        answer = answers[passage.question_id or 0]
        before = texts.get(answer.question.position, "")
        passage.start = len(before) + 2 if before else 0
        passage.end = passage.start + len(passage.text)
        passage.answer = answer
        texts[answer.question.position] = f"{before}\n\n{passage.text}" if before else passage.text
    long = next((position for position, text in texts.items() if len(text) > LONGEST_TEXT), None)
    if long is not None:
        raise ApplicationError(
            f"The answer to question {long} would have more than {LONGEST_TEXT:,} characters. Move some passages away."
        )
    answers_save(interview=interview, texts=texts, actor=actor)
    Passage.objects.bulk_update(told, ["answer", "start", "end"], batch_size=500)


def intake_confirm_start(*, intake: Intake, actor: Membership) -> Job:
    """Have a worker make interviews of all files that were sorted, as they are."""
    number = intake.sources.filter(state=SourceState.SORTED).count()
    if not number:
        raise ApplicationError("No file waits to be looked through.")
    job = job_start(
        kind="confirm interviews",
        task="interviews.confirm_sources",
        title=f"Making {number} interviews" if number > 1 else "Making an interview",
        actor=actor,
        total=number,
        result_url=intake.get_absolute_url(),
        intake_id=intake.pk,
    )
    change(intake, job=job)
    return job


def intake_confirm(job: Job, progress: Progress) -> dict[str, Any]:
    """Make interviews of the sorted files by what their header or name says; those that name no customer wait."""
    if job.started_by is None:
        raise ApplicationError("Whoever started this is no longer a member. Start it again.")
    sources = Source.objects.filter(intake=job.arguments["intake_id"], state=SourceState.SORTED)
    made = 0
    for done, source in enumerate(list(sources)):
        progress.at(done, f"Making an interview of {source.name}")
        made += bool(source.facts.get("customer")) and _confirmed(source, job.started_by)
    return {"interviews": made}


def _confirmed(source: Source, actor: Membership) -> bool:
    """Make the interview of a file as it was sorted; one that cannot become one goes on waiting for a person."""
    facts, segment_name = source_facts(source)
    try:
        with transaction.atomic():
            segment = segment_named(name=segment_name, actor=actor)
            source_confirm(source=source, actor=actor, facts=facts, segment=segment)
    except ApplicationError:
        return False
    return True


def source_facts(source: Source) -> tuple[dict[str, Any], str]:
    """Give the facts that the file's header or name says, and the name of the segment."""
    said = source.facts
    return {
        "customer": said.get("customer", ""),
        "role": said.get("role", ""),
        "held_on": date.fromisoformat(said["held_on"]) if said.get("held_on") else timezone.localdate(),
        "outcome": said.get("outcome", PurchaseOutcome.OPEN),
        "notes": said.get("notes", ""),
    }, said.get("segment", "")


def segment_named(*, name: str, actor: Membership) -> Segment | None:
    """Give the segment of this name; a new name makes one."""
    name = " ".join(name.split())
    if not name:
        return None
    return Segment.objects.filter(name__iexact=name).first() or segment_create(name=name, actor=actor)


@transaction.atomic
def source_discard(*, source: Source, actor: Membership) -> None:
    """Forget a file and what was read of it. Interviews that came of it stay, without their way back to it."""
    source = Source.objects.select_for_update(of=("self",)).select_related("intake").get(pk=source.pk)
    audit.record("source.discard", source, actor=actor)
    source.delete()
