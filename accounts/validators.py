"""Rules about people, written once."""

from django.core.exceptions import ValidationError

from core.zones import time_zones


def validate_time_zone(value: str) -> None:
    """Accept names of the IANA time zone database that the database knows too."""
    if value not in time_zones():
        raise ValidationError(
            "“%(value)s” is not a time zone. Pick one such as Europe/Berlin.", params={"value": value}
        )
