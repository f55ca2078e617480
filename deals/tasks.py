"""Tasks of the deals room."""

from celery import shared_task

from deals.services import (
    alerts_settle,
    alignments_recompute_stale,
    alignments_rescore_old,
    days_sum_between_hours,
    deals_adopt_version,
    deals_rescore,
    digests_send,
    history_keep,
    outlooks_refit,
    signal_paths_verify,
)
from jobs.services import job_run
from jobs.under_way import under_way


@shared_task(name="deals.recompute_stale", soft_time_limit=30, time_limit=40)
def recompute_stale() -> None:
    """Score what is stale."""
    alignments_recompute_stale()


@shared_task(name="deals.rescore_old")
@under_way()
def rescore_old() -> None:
    """Let silence count."""
    alignments_rescore_old()


@shared_task(name="deals.rescore")
def rescore(job_id: int) -> None:
    """Recompute a workspace's open deals."""
    job_run(job_id=job_id, work=lambda job, progress: deals_rescore(job=job, progress=progress))


@shared_task(name="deals.verify_paths")
@under_way()
def verify_paths() -> None:
    """Hold packed signals against the signals."""
    signal_paths_verify()


@shared_task(name="deals.settle_alerts")
@under_way()
def settle_alerts() -> None:
    """Raise and clear alerts."""
    alerts_settle()


@shared_task(name="deals.send_digests")
@under_way()
def send_digests() -> None:
    """Mail those whose morning it is."""
    digests_send()


@shared_task(name="deals.keep_history")
@under_way()
def keep_history() -> None:
    """Sum the day up, make room for the points of the months to come, and drop old ones."""
    history_keep()


@shared_task(name="deals.sum_days")
@under_way()
def sum_days() -> None:
    """Sum up the days that end between two hours."""
    days_sum_between_hours()


@shared_task(name="deals.refit_outlooks")
@under_way()
def refit_outlooks(version_id: int | None = None) -> None:
    """Learn how deals end from those that ended."""
    outlooks_refit(version_id=version_id)


@shared_task(name="deals.adopt_version")
def adopt_version(job_id: int) -> None:
    """Move a process's open deals to a new version."""
    job_run(job_id=job_id, work=lambda job, progress: deals_adopt_version(job=job, progress=progress))
