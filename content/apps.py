"""The content app."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """What we can show a customer, for which need, on which channel. Filled by a later release."""

    name = "content"
    default_auto_field = "django.db.models.BigAutoField"
