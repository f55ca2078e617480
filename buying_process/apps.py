"""The buying_process app."""

from django.apps import AppConfig


class BuyingProcessConfig(AppConfig):
    """Processes and their immutable versions: stages, activities, needs, transitions, derivation."""

    name = "buying_process"
    default_auto_field = "django.db.models.BigAutoField"
