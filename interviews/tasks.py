"""Background work of the interviews room."""

from celery import shared_task

from interviews.services import suggest_run


@shared_task(name="interviews.suggest_codes")
def suggest_codes(job_id: int) -> None:
    """Look for suggestions in an interview."""
    suggest_run(job_id=job_id)
