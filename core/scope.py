"""The workspace that the running code works in. Without one, scoped managers refuse to answer.

A request gets its scope from the person's membership, a job from its ids. Work that crosses workspaces says so by name:
`with across_workspaces("recompute sweep"): ...`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.exceptions import ScopeError

ACROSS = -1
_workspace: ContextVar[int | None] = ContextVar("workspace", default=None)


def workspace_id() -> int:
    """Give the id of the workspace in context.

    Raises
    ------
    ScopeError
        When there is none, or when the code runs across workspaces.
    """
    value = _workspace.get()
    if value is None or value == ACROSS:
        raise ScopeError("No workspace in context: wrap this in core.scope.in_workspace(...).")
    return value


def filter_value() -> int | None:
    """Give the workspace to filter by, None where the code said that it crosses workspaces; else raise ScopeError."""
    value = _workspace.get()
    if value is None:
        raise ScopeError("No workspace in context: wrap this in core.scope.in_workspace(...).")
    return None if value == ACROSS else value


def enter(workspace_pk: int | None) -> None:
    """Set the scope of the rest of this request; the middleware's `nowhere` clears it."""
    _workspace.set(workspace_pk)


@contextmanager
def nowhere() -> Iterator[None]:
    """Begin with no workspace, and leave none behind: around each request."""
    token = _workspace.set(None)
    try:
        yield
    finally:
        _workspace.reset(token)


@contextmanager
def in_workspace(workspace_pk: int) -> Iterator[None]:
    """Work in one workspace."""
    token = _workspace.set(workspace_pk)
    try:
        yield
    finally:
        _workspace.reset(token)


@contextmanager
def across_workspaces(reason: str) -> Iterator[None]:
    """Work across workspaces, for the reason named. For sweeps, sign-in and set-up only."""
    if not reason:
        raise ScopeError("Say why this crosses workspaces.")
    token = _workspace.set(ACROSS)
    try:
        yield
    finally:
        _workspace.reset(token)
