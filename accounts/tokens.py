"""Secrets that are shown once and kept as hashes."""

import hashlib
import secrets

PREFIX = "sfl_"


def new_secret() -> str:
    """Make a secret of 256 bits with a prefix that scanners of leaked secrets can find."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(secret: str) -> str:
    """Hash a secret; a random one of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
