"""Tested against the past, piloted, reviewed every year. Filled by a later release."""
