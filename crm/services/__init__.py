"""Bringing files of deals in."""
