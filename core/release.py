"""Which program this is, as it is written into what it made."""

RELEASE = "0.1.0"
