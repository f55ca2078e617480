"""The deals app."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """A customer's purchase under way: stage log, buyer signals, efforts, alignment."""

    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the paths of closed deals to derivation, a room below."""
        from buying_process.selectors.closed import register
        from deals.selectors.paths import closed_deals_counted, paths_of_closed_deals

        register(paths_of_closed_deals, closed_deals_counted)
