"""What alignment came to on a day, of a deal and of many: small rows, so that a course of weeks is quick to draw."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.choices import Role
from core.models import WorkspaceManager, WorkspaceModel, WorkspaceQuerySet, unchecked_key


class AlignmentPoint(WorkspaceModel):
    """A deal's alignment on a day, kept where it changed; one a day at most. Lies in parts of a month.

    The database holds none of its references, since each would be looked up for each point. A trigger forgets the
    points of a deal that is deleted.
    """

    pk = models.CompositePrimaryKey("deal_id", "on")
    workspace = unchecked_key("accounts.Workspace")
    deal = unchecked_key("deals.Deal", related_name="history")
    on = models.DateField()
    score = models.FloatField(null=True)
    gap = models.FloatField(null=True)
    likely_stage = unchecked_key("buying_process.Stage", null=True)

    class Meta:
        ordering = ["deal", "on"]

    def __str__(self) -> str:
        return f"{self.deal} on {self.on}"


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
