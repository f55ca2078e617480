"""Structured logs: one line of JSON an event in production, readable lines elsewhere; secrets are masked."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

MASKED = {"password", "token", "secret", "authorization", "cookie"}
# our own secrets stand in addresses too: tokens and invitations by their prefix, and allauth's links of a reset
SECRETS = re.compile(r"sfl_[\w-]+|(?<=/password/reset/key/)[^/\s]+")


def mask_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values of keys that name a secret, and secrets inside other values."""
    for key, value in event.items():
        if any(word in key.lower() for word in MASKED):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = SECRETS.sub("***", value)
    return event


def formatter() -> logging.Formatter:
    """Build the formatter that every handler uses."""
    from django.conf import settings

    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if settings.PRODUCTION else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],  # type: ignore[list-item]
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,  # type: ignore[arg-type]
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
