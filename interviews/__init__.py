"""Guides, interviews, answers, codes, excerpts, suggestions, moments."""
