"""An interview goes, or the person who spoke: published versions keep what they counted."""

import contextlib
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership
from core import audit
from core.exceptions import ConflictError
from core.write import change
from interviews.choices import SourceState
from interviews.models import (
    Answer,
    Excerpt,
    ExchangeFile,
    Interview,
    Moment,
    Passage,
    Ruling,
    Source,
    Suggestion,
    SurveyError,
)
from jobs.models import Job

ERASED = "Erased"
FORGOTTEN_JOB = "A job for an interview that was erased"


@contextlib.contextmanager
def _erasing() -> Iterator[None]:
    """Let rows go that published versions link to; what those versions say is never changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesflow.erase', 'on', true)")
        yield
        cursor.execute("SELECT set_config('salesflow.erase', 'off', true)")


@transaction.atomic
def interview_delete(*, interview: Interview, actor: Membership) -> None:
    """Delete an interview with its answers, coding and timeline, and the file that nothing else came from.

    Versions that were published keep their figures; those that are drafts keep them until they are derived again.
    """
    interview = Interview.objects.select_for_update(of=("self",)).select_related("source").get(pk=interview.pk)
    source, name = interview.source, str(interview)
    changes = {
        "outcome": interview.outcome,
        "passages": Excerpt.objects.filter(answer__interview=interview).count(),
        "moments": interview.moments.count(),
    }
    audit.record("interview.delete", interview, actor=actor, changes=changes)
    _forget_in_jobs(interview, name)
    with _erasing():
        interview.delete()
        if source is not None:
            _forget_source(source, None)


@transaction.atomic
def interview_erase(*, interview: Interview, actor: Membership) -> Interview:
    """Take away who spoke and every word: what stays is how the purchase ended and in which order what happened.

    Raises
    ------
    ConflictError
        When the file that it came from still holds the words and is not brought in yet.
    """
    interview = Interview.objects.select_for_update(of=("self",)).select_related("source").get(pk=interview.pk)
    source, name = interview.source, str(interview)
    _refuse_waiting_files(source)
    answers = Answer.objects.filter(interview=interview)
    removed = Excerpt.objects.filter(answer__in=answers).count()
    for model in (Excerpt, Suggestion, Ruling):
        model.objects.filter(answer__in=answers).delete()
    Moment.objects.filter(interview=interview).update(place_words="", date_words="", excerpt=None)
    Passage.objects.filter(interview=interview).delete()
    for answer in answers:
        change(answer, text="", version=answer.version + 1, updated_by=None)
    _forget_in_jobs(interview, name)
    _forget_in_files(name)
    row = interview.source_row
    Interview.objects.filter(pk=interview.pk).update(
        customer=ERASED,
        role="",
        notes="",
        account="",
        external_id="",
        consent=False,
        source=None,
        source_row=None,
        version=interview.version + 1,
        updated_at=timezone.now(),
    )
    interview.refresh_from_db()
    if source is not None:
        _forget_source(source, row)
    audit.record("interview.erase", interview, actor=actor, changes={"passages": removed})
    return interview


def _refuse_waiting_files(source: Source | None) -> None:
    """Refuse while a file that was not brought in to the end may hold the words."""
    waiting = source.name if source is not None and source.state != SourceState.DONE else None
    if waiting is None:
        files = ExchangeFile.objects.filter(plan__is_project=True).exclude(content=b"")
        waiting = files.values_list("name", flat=True).first()
    if waiting is not None:
        message = f"“{waiting}” may still hold their words. Bring it in to the end, or take it away, then erase them."
        raise ConflictError(message)


def _forget_source(source: Source, row: int | None) -> None:
    """Take away the file of one person, also where it was handed in twice; of a file of many, the row's refusals."""
    if not source.interviews.exists():
        for same in Source.objects.filter(digest=source.digest, interviews=None).defer("content"):
            about = Job.objects.filter(Q(title__contains=same.name) | Q(message__contains=same.name))
            about.update(title=FORGOTTEN_JOB, message="")
            same.delete()
    elif row is not None:
        SurveyError.objects.filter(survey__source=source, row=row).delete()


def _forget_in_jobs(interview: Interview, name: str) -> None:
    """Titles of jobs name the interview that they were for."""
    about = Job.objects.filter(arguments__interview_id=interview.pk)
    about.update(title=FORGOTTEN_JOB, message="")
    Job.objects.filter(message__contains=name).update(message="")


def _forget_in_files(name: str) -> None:
    """Previews of files list the interviews in them by name."""
    for file in ExchangeFile.objects.filter(plan__interviews__isnull=False).defer("content"):
        told = file.plan["interviews"]
        kept = {key: [other for other in told[key] if other != name] for key in ("new", "changed")}
        if any(kept[key] != told[key] for key in kept):
            change(file, plan=file.plan | {"interviews": told | kept})
