"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only record of who did what."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Become the recorder of the rooms below."""
        from audit.services import store_event
        from core import audit

        audit.register(store_event)
