"""Background work of the interviews room."""

from celery import shared_task

from interviews.services import exchange_run, lesson_learn, suggest_run
from interviews.services.intake import intake_confirm, intake_read
from interviews.services.surveys import survey_run
from jobs.services import job_run


@shared_task(name="interviews.suggest_codes")
def suggest_codes(job_id: int) -> None:
    """Look for suggestions in an interview."""
    suggest_run(job_id=job_id)


@shared_task(name="interviews.learn_from_decisions")
def learn_from_decisions(workspace_id: int) -> None:
    """Learn from what people decided on suggestions."""
    lesson_learn(workspace_id=workspace_id)


@shared_task(name="interviews.read_sources")
def read_sources(job_id: int) -> None:
    """Read files that were brought in."""
    job_run(job_id=job_id, work=intake_read)


@shared_task(name="interviews.confirm_sources")
def confirm_sources(job_id: int) -> None:
    """Make interviews of files as they were sorted."""
    job_run(job_id=job_id, work=intake_confirm)


@shared_task(name="interviews.load_survey")
def load_survey(job_id: int) -> None:
    """Check or load the rows of a survey."""
    job_run(job_id=job_id, work=survey_run)


@shared_task(name="interviews.bring_in_coding")
def bring_in_coding(job_id: int) -> None:
    """Bring in the codes and interviews of a file of another program."""
    exchange_run(job_id=job_id)
