"""Roles of a membership."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person does in a workspace; one membership has one role."""

    DESIGNER = "designer", "Sales ops"
    REP = "rep", "Rep"
    MANAGER = "manager", "Manager"
    ADMIN = "admin", "Admin"
