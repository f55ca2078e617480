"""The shell app."""

from django.apps import AppConfig


class SalesFlowConfig(AppConfig):
    """Today, the demo, health, and what ties the rooms together."""

    name = "salesflow"
