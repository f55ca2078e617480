"""The deals app."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """A customer's purchase under way: stage log, buyer signals, efforts, alignment."""

    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"
