"""Our own formats of dates, by language."""
