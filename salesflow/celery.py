"""The Celery application: the executor of background work. PostgreSQL holds the truth; a message is a doorbell."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesflow.settings")

app = Celery("salesflow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def configure_logging(**_: object) -> None:
    """Log from workers as the web does."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
