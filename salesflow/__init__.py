"""The shell around everything: settings, URLs, Celery, Today, the demo. No business code."""

from salesflow.celery import app as celery_app

__all__ = ["celery_app"]
