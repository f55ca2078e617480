"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, workspaces, memberships, roles, teams, invitations, tokens."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep on record what people do to their sign-in."""
        from accounts.services.security import keep_on_record

        keep_on_record()
