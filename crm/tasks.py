"""Background work on imported files."""

from celery import shared_task

from crm.services.imports import import_run
from jobs.services import job_run


@shared_task(name="crm.import_deals")
def import_deals(job_id: int) -> None:
    """Check or import a file of deals."""
    job_run(job_id=job_id, work=import_run)
