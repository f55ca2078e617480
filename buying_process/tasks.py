"""Background work of the buying process room."""

from celery import shared_task

from buying_process.services import derive_from_job, holding_from_job, repeat_from_job, segments_from_job
from jobs.services import job_run


@shared_task(name="buying_process.derive_version")
def derive_version(job_id: int) -> None:
    """Derive a draft from the interviews."""
    job_run(job_id=job_id, work=derive_from_job)


@shared_task(name="buying_process.repeat_run")
def repeat_run(job_id: int) -> None:
    """Repeat a derivation from its record."""
    job_run(job_id=job_id, work=repeat_from_job)


@shared_task(name="buying_process.derive_segments")
def derive_segments(job_id: int) -> None:
    """Derive several segments for a comparison."""
    job_run(job_id=job_id, work=segments_from_job)


@shared_task(name="buying_process.draw_again")
def draw_again(job_id: int) -> None:
    """Draw the interviews anew to see which stages hold."""
    job_run(job_id=job_id, work=holding_from_job)
