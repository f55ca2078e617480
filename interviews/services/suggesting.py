"""Suggestions: the sentence-embedding model proposes codes, a person accepts or refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from core import audit
from core.exceptions import ApplicationError, ConflictError
from core.text import sentences
from interviews.choices import Kind, SuggestionState
from interviews.models import Answer, Code, Excerpt, Interview, Suggestion
from interviews.selectors import example_quotes, suggestion_job
from interviews.services.coding import excerpt_leave, excerpt_place
from interviews.services.learning import learned_scores, lesson_ring, remember, vector_bytes
from interviews.services.matching import Candidate, Line, Match, best_matches
from jobs.models import Job
from jobs.services import Progress, job_run, job_start

TASK = "interviews.suggest_codes"
LEAST_ACTIVITY = 0.40
LEAST_OTHER = 0.72
EXAMPLES_A_CODE = 8
MOST_ACTIVITIES = 25  # asked at once; the rest comes when these are decided


@dataclass(frozen=True)
class Place:
    """A sentence of an answer."""

    answer: Answer
    text: str
    start: int
    end: int


def suggest_start(*, interview: Interview, actor: Membership) -> Job:
    """Have a worker look for suggestions; gives the job that already does so where there is one."""
    running = suggestion_job(interview)
    if running is not None:
        return running
    if not Code.objects.exists():
        raise ApplicationError(
            "There are no codes to suggest yet. Add the starter codebook, or code a few words first."
        )
    return job_start(
        kind="suggest",
        task=TASK,
        title=f"Suggestions for {interview.customer}",
        actor=actor,
        result_url=reverse("interviews:coding", args=[interview.pk]),
        interview_id=interview.pk,
    )


def suggest_run(*, job_id: int) -> None:
    """Do the job that `suggest_start` stored."""

    def work(job: Job, progress: Progress) -> dict[str, Any]:
        interview = Interview.objects.filter(pk=job.arguments["interview_id"]).first()
        if interview is None:
            raise ApplicationError("The interview is gone.")
        progress.at(0, "Reading the answers", total=1)
        return {"suggestions": interview_suggest(interview=interview, actor=job.started_by)}

    job_run(job_id=job_id, work=work)


def interview_suggest(*, interview: Interview, actor: Membership | None) -> int:
    """Look for suggestions now; gives how many wait. Decided ones stay, and are not offered again; the open ones are
    replaced. The model reads outside of a transaction.
    """
    answers = list(interview.answers.select_related("question"))
    seen = {answer.pk: answer.version for answer in answers}
    codes = list(Code.objects.all())
    examples = example_quotes(interview=interview, most=EXAMPLES_A_CODE)
    places, lines = _lines(answers)
    candidates = [_candidate(code, examples.get(code.pk, ())) for code in codes]
    found = best_matches(lines, candidates, remember, least=LEAST_ACTIVITY, least_other=LEAST_OTHER)
    asked = [(places[match.line], codes[match.candidate], match) for match in found]
    return _store(interview, asked, seen, actor)


def _candidate(code: Code, examples: Sequence[str]) -> Candidate:
    return Candidate(code.name, code.description, tuple(examples), code.job, code.kind == Kind.ACTIVITY)


def _lines(answers: Sequence[Answer]) -> tuple[list[Place], list[Line]]:
    """Split the answers into sentences, numbering the blocks between blank lines across all answers."""
    places: list[Place] = []
    lines: list[Line] = []
    block = 0
    for answer in answers:
        end = 0
        for sentence in sentences(answer.text):
            block += "\n\n" in answer.text[end : sentence.start] or end == 0
            end = sentence.end
            places.append(Place(answer, sentence.text, sentence.start, sentence.end))
            lines.append(Line(sentence.text, block, answer.question.job))
    return places, lines


@transaction.atomic
def _store(
    interview: Interview,
    found: Sequence[tuple[Place, Code, Match]],
    seen: dict[int, int],
    actor: Membership | None,
) -> int:
    """Replace the open suggestions; an answer that changed while the model read keeps those it had."""
    answers = Answer.objects.select_for_update().filter(interview=interview)
    current = {answer.pk for answer in answers if seen.get(answer.pk) == answer.version}
    Suggestion.objects.filter(answer__in=current, state=SuggestionState.OPEN).delete()
    decided = list(Suggestion.objects.filter(answer__interview=interview).exclude(state=SuggestionState.OPEN))
    coded = list(Excerpt.objects.filter(answer__interview=interview).select_related("code"))
    new = [
        Suggestion(
            workspace_id=interview.workspace_id,
            answer=place.answer,
            code=code,
            start=place.start,
            end=place.end,
            quote=place.text,
            score=round(match.score, 4),
            likeness=round(match.score, 4),
        )
        for place, code, match in found
        if place.answer.pk in current and not _settled(place, code, decided, coded)
    ]
    for row, vector in zip(new, vector_bytes(remember([row.quote for row in new])), strict=True):
        row.vector = vector
    for row, score in zip(new, learned_scores(new), strict=True):
        row.score = round(score, 4)
    new = _likeliest(new)
    Suggestion.objects.bulk_create(new, batch_size=500)
    audit.record("suggestion.find", interview, actor=actor, changes={"suggestions": len(new)})
    return len(new)


def _likeliest(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Leave out the least likely activities past `MOST_ACTIVITIES`."""
    activities = sorted((row for row in suggestions if row.code.kind == Kind.ACTIVITY), key=lambda row: -row.score)
    dropped = {id(row) for row in activities[MOST_ACTIVITIES:]}
    return [row for row in suggestions if id(row) not in dropped]


def _settled(place: Place, code: Code, decided: Sequence[Suggestion], coded: Sequence[Excerpt]) -> bool:
    """Tell whether a person has spoken about this sentence: on this code, or by coding another activity in it."""
    for row in decided:
        same_place = row.answer_id == place.answer.pk and row.start < place.end and place.start < row.end
        if row.code_id == code.pk and (same_place or row.quote == place.text):
            return True
    return any(
        excerpt.answer_id == place.answer.pk
        and excerpt.start < place.end
        and place.start < excerpt.end
        and (excerpt.code_id == code.pk or code.kind == excerpt.code.kind == Kind.ACTIVITY)
        for excerpt in coded
    )


@transaction.atomic
def suggestion_accept(*, suggestion: Suggestion, actor: Membership, code: Code | None = None) -> Excerpt:
    """Make the suggestion a coding of this person. With another `code`, the sentence gets that one, and the machine's
    own proposal counts as refused. Where somebody decided it first, their decision stands, and this is a coding beside.
    """
    suggestion = _locked(suggestion)
    is_first = suggestion.state == SuggestionState.OPEN
    if is_first:
        other = code is not None and code.pk != suggestion.code_id
        _decide(suggestion, SuggestionState.REFUSED if other else SuggestionState.ACCEPTED, actor)
    excerpt, is_new = excerpt_place(
        answer=suggestion.answer,
        code=code if code is not None else suggestion.code,
        start=suggestion.start,
        end=suggestion.end,
        actor=actor,
    )
    if is_first:
        suggestion.excerpt = excerpt
        suggestion.save(update_fields=["excerpt", "updated_at"])
    if is_first or is_new:
        changes = {"suggested": suggestion.code.name, "code": excerpt.code.name, "score": suggestion.score}
        audit.record("suggestion.accept", suggestion.answer, actor=actor, changes=changes)
    return excerpt


@transaction.atomic
def suggestion_refuse(*, suggestion: Suggestion, actor: Membership) -> Suggestion:
    """Say that the sentence does not carry this code; it is never offered for it again.

    Raises
    ------
    ConflictError
        Where somebody has accepted it already.
    """
    suggestion = _locked(suggestion)
    if suggestion.state == SuggestionState.REFUSED:
        return suggestion
    if suggestion.state == SuggestionState.ACCEPTED:
        who = suggestion.decided_by.user if suggestion.decided_by else "Somebody"
        raise ConflictError(f"{who} has accepted “{suggestion.code.name}” here already. It stays.")
    _decide(suggestion, SuggestionState.REFUSED, actor)
    changes = {"code": suggestion.code.name, "score": suggestion.score}
    audit.record("suggestion.refuse", suggestion.answer, actor=actor, changes=changes)
    return suggestion


@transaction.atomic
def suggestion_reopen(*, suggestion: Suggestion, actor: Membership) -> Suggestion:
    """Undo a decision: the suggestion waits again, and the coding that came of it goes. Former codings stay."""
    suggestion = _locked(suggestion)
    if suggestion.state == SuggestionState.OPEN:
        return suggestion
    excerpt, decided_by = suggestion.excerpt, suggestion.decided_by
    is_own = excerpt is not None and suggestion.decided_at is not None and excerpt.created_at >= suggestion.decided_at
    suggestion.excerpt = None
    suggestion.state, suggestion.decided_by, suggestion.decided_at = SuggestionState.OPEN, None, None
    suggestion.save(update_fields=["excerpt", "state", "decided_by", "decided_at", "updated_at"])
    if excerpt is not None:
        excerpt_leave(excerpt=excerpt, coder=decided_by, is_own=is_own)
    audit.record("suggestion.reopen", suggestion.answer, actor=actor, changes={"code": suggestion.code.name})
    return suggestion


def suggestions_accept_over(*, interview: Interview, least: float, actor: Membership) -> int:
    """Accept the open suggestions of an interview that score `least` or more, in this person's name; give how many."""
    waiting = Suggestion.objects.filter(answer__interview=interview, state=SuggestionState.OPEN, score__gte=least)
    accepted = 0
    for suggestion in waiting.order_by("pk"):
        suggestion_accept(suggestion=suggestion, actor=actor)
        accepted += 1
    return accepted


def _locked(suggestion: Suggestion) -> Suggestion:
    """Take the answer before the suggestion, as whoever codes its words does: two people never wait for each other."""
    Answer.objects.select_for_update().get(pk=suggestion.answer_id)
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("answer", "code", "decided_by__user")
    return rows.get(pk=suggestion.pk)


def _decide(suggestion: Suggestion, state: SuggestionState, actor: Membership) -> None:
    suggestion.state, suggestion.decided_by, suggestion.decided_at = state, actor, timezone.now()
    suggestion.save(update_fields=["state", "decided_by", "decided_at", "updated_at"])
    lesson_ring()
