"""Rules of the interviews room that forms, serializers and services share."""

from django.core.exceptions import ValidationError


def validate_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the span without white space at its edges; both count code points of `text`.

    Raises
    ------
    ValidationError
        When it lies outside the text or holds no word.
    """
    if not 0 <= start < end <= len(text):
        raise ValidationError("Select some words of the answer first.", code="span")
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    end -= len(words) - len(words.rstrip())
    if start >= end:
        raise ValidationError("Select some words of the answer first.", code="span")
    return start, end
