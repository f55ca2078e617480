"""Processes and their immutable versions: stages, activities, needs, transitions, derivation."""
