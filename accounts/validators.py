"""Rules about people, written once."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


def validate_time_zone(value: str) -> None:
    """Accept names of the IANA time zone database."""
    if value not in available_timezones():
        raise ValidationError(
            "“%(value)s” is not a time zone. Pick one such as Europe/Berlin.", params={"value": value}
        )
