"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work that people wait for: its state and progress, kept as rows."""

    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
