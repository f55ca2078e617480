"""The reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Tested against the past, piloted, reviewed every year. Filled by a later release."""

    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"
