"""The interviews app."""

from django.apps import AppConfig


class InterviewsConfig(AppConfig):
    """Guides, interviews, answers, codes, excerpts, suggestions, moments."""

    name = "interviews"
    default_auto_field = "django.db.models.BigAutoField"
