"""Tasks of the accounts room."""

from celery import shared_task

from accounts.services.idempotency import keys_purge


@shared_task(name="accounts.purge_keys")
def purge_keys() -> None:
    """Forget idempotency keys older than a day."""
    keys_purge()
