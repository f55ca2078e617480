"""Where services below the audit room leave their audit row: the audit app registers itself as the recorder.

One row per write: who, what was done to which object, and what changed. Personal texts stay out of `changes`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

Recorder = Callable[..., None]
_recorder: Recorder | None = None


def register(recorder: Recorder) -> None:
    """Name the function that stores audit rows; called once, by the audit app."""
    global _recorder  # noqa: PLW0603  the one hook by which a lower room reaches a higher one without importing it
    _recorder = recorder


def record(
    verb: str, target: models.Model, *, actor: models.Model | None, changes: Mapping[str, Any] | None = None
) -> None:
    """Store that `actor` (a membership, or None for the system) did `verb` ("deal.log_stage") to `target`."""
    if _recorder is None:
        raise RuntimeError("No audit recorder is registered: is the audit app installed?")
    _recorder(verb, target, actor=actor, changes=changes or {})
