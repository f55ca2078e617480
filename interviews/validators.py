"""Rules of the interviews room that forms, serializers and services share."""

from typing import Protocol

from django.core.exceptions import ValidationError

DEEPEST = 8  # codes above each other


class Placed(Protocol):
    """A code with its place in the codebook."""

    pk: int
    kind: str

    @property
    def parent(self) -> "Placed | None":
        """The wider code that it belongs under."""


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


def validate_place(code: Placed) -> None:
    """Check that a code belongs under one of its own kind, not below itself, and not too deep. A query a level."""
    above = code.parent
    if above is not None and above.kind != code.kind:
        raise ValidationError({"parent": "A code belongs under one of its own kind."}, code="kind")
    steps = 1
    while above is not None:
        if above.pk == code.pk:
            raise ValidationError({"parent": "A code cannot belong under itself or under one below it."}, code="cycle")
        steps += 1
        if steps > DEEPEST:
            raise ValidationError({"parent": f"Codes stand at most {DEEPEST} levels deep."}, code="depth")
        above = above.parent
