"""Tasks of the deals room."""

from celery import shared_task

from deals.services import alignments_mark_silent, alignments_recompute_stale, deals_adopt_version, outlooks_refit
from jobs.services import job_run


@shared_task(name="deals.recompute_stale")
def recompute_stale() -> None:
    """Score what is stale."""
    alignments_recompute_stale()


@shared_task(name="deals.mark_silent")
def mark_silent() -> None:
    """Let silence count."""
    alignments_mark_silent()


@shared_task(name="deals.refit_outlooks")
def refit_outlooks(version_id: int | None = None) -> None:
    """Learn how deals end from those that ended."""
    outlooks_refit(version_id=version_id)


@shared_task(name="deals.adopt_version")
def adopt_version(job_id: int) -> None:
    """Move a process's open deals to a new version."""
    job_run(job_id=job_id, work=lambda job, progress: deals_adopt_version(job=job, progress=progress))
