"""Reads of deals: what a score depends on, how it is measured and explained, and what the pages list."""
