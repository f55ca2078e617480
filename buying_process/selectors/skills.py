"""Skills that activities of ours take."""

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Skill, StageActivity
from buying_process.selectors.processes import activities


def skills(membership: Membership) -> QuerySet[Skill]:
    """Give the workspace's skills with how many activities of drafts and of versions in use take each."""
    current = Count("activities", filter=~Q(activities__stage__version__status=Status.RETIRED))
    return Skill.objects.visible_to(membership).annotate(taken=current).order_by("name")


def all_skills() -> QuerySet[Skill]:
    """Give the skills of the workspace in context, for forms that offer them."""
    return Skill.objects.all()


def activities_that_take(membership: Membership, skill: Skill) -> QuerySet[StageActivity]:
    """Give the activities of drafts and of versions in use that take a skill, newest version first."""
    found = activities(membership).filter(skills=skill).exclude(stage__version__status=Status.RETIRED)
    return found.order_by("stage__version__process__name", "-stage__version__number", "stage__position", "position")
