"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, workspaces, memberships, roles, teams, invitations, tokens."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
