"""The crm app."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Other people's CRMs: file import now; connections, sync and write-back in later releases."""

    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"
