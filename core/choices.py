"""Choices that several rooms share."""

from django.db.models import TextChoices


class ImportState(TextChoices):
    """How far a table is that people bring in."""

    UPLOADED = "uploaded", "Map its columns"
    CHECKED = "checked", "Checked, nothing written yet"
    RUNNING = "running", "Importing"
    DONE = "done", "Imported"
    FAILED = "failed", "Failed"
