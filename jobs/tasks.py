"""Jobs' own upkeep."""

from celery import shared_task

from jobs.services import jobs_resume_waiting


@shared_task(name="jobs.resume_waiting")
def resume_waiting() -> None:
    """Ring again for jobs whose message or worker was lost."""
    jobs_resume_waiting()
