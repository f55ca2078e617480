"""The core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Shared kernel."""

    name = "core"
