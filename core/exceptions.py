"""Errors that a person can act on. One middleware and one API handler render them."""

from collections.abc import Mapping, Sequence


class ApplicationError(Exception):
    """Something was refused: a stable code, a sentence that a person can act on, and the fields it concerns."""

    code = "refused"
    status = 400

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}


class ConflictError(ApplicationError):
    """Somebody else changed the same thing meanwhile."""

    code = "conflict"
    status = 409


class ForbiddenError(ApplicationError):
    """The person may see this, and may not do this."""

    code = "forbidden"
    status = 403


class TooLargeError(ApplicationError):
    """More than one request may carry."""

    code = "too_large"
    status = 413


class ScopeError(RuntimeError):
    """A query ran with no workspace in context: a mistake of ours, never of the person's."""
