"""What the alignment of many deals came to on a day: small rows, so that a course of weeks is quick to draw."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.choices import Role
from core.models import WorkspaceManager, WorkspaceModel, WorkspaceQuerySet


class CourseQuerySet(WorkspaceQuerySet["Course"]):
    """Courses, by who may see them: as the deals that they sum up."""

    def visible_to(self, membership: Any) -> Self:
        """Give a rep's own, a manager's team's, all to sales ops, none to an admin."""
        rows = self.filter(workspace_id=membership.workspace_id)
        if membership.role == Role.DESIGNER:
            return rows
        if membership.role == Role.MANAGER:
            return rows.filter(Q(owner__team__manager=membership) | Q(owner=membership))
        return rows.filter(owner=membership) if membership.role == Role.REP else rows.none()


class Course(WorkspaceModel):
    """The open deals of one owner and one version on a day: how many, how many had a score, and those scores' sum."""

    on = models.DateField()
    owner = models.ForeignKey("accounts.Membership", null=True, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("buying_process.Version", null=True, on_delete=models.CASCADE, related_name="+")
    deals = models.PositiveIntegerField()
    scored = models.PositiveIntegerField()
    total = models.FloatField()

    objects = WorkspaceManager.from_queryset(CourseQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "on", "owner", "version"], nulls_distinct=False, name="deals_course_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scored} deals on {self.on}"
