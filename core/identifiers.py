"""Ids as the API gives and takes them: opaque strings."""

LONGEST_ID = 18  # digits of a number that PostgreSQL's bigint holds for sure


def number_of(text: str) -> int:
    """Read an id; 0, which no row has, where it cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0
