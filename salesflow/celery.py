"""The Celery application: the executor of background work. PostgreSQL holds the truth; a message is a doorbell."""

import gc
import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, task_failure, task_postrun, task_prerun, worker_init

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


@worker_init.connect
def load_pages(**_: object) -> None:
    """Import all that pages need before children are forked: they share it, and their first score is quick."""
    from django.urls import get_resolver

    get_resolver().reverse_dict  # noqa: B018  # what the first reverse() would do


@task_prerun.connect
def name_the_task(task: Any, task_id: str, kwargs: dict[str, Any], **_: object) -> None:
    """Have every line that a task logs say which task it is, for which rows, and by whose request it was rung for."""
    request_id = getattr(task.request, "request_id", None) or ""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, request_id=request_id, **kwargs)


@task_postrun.connect
def forget_the_task(**_: object) -> None:
    """Leave nothing of a task to the next."""
    structlog.contextvars.clear_contextvars()


@task_failure.connect
def let_go(**_: object) -> None:
    """Let go of what the failures before have left: half a megabyte each, in circles that Python is slow to find."""
    gc.collect()
