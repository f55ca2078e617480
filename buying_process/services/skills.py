"""The workspace's list of skills."""

from django.db import transaction

from accounts.models import Membership
from buying_process.choices import Status
from buying_process.models import Skill
from core import audit
from core.exceptions import ApplicationError
from core.write import change, create

STARTER = (
    ("Project and resource management", "Get people, dates and budgets of both sides to one plan, and keep it."),
    ("Critical thinking", "Ask what is behind a wish, and say what does not add up."),
    ("Problem solving", "Find with the customer what is really wrong, and what would mend it."),
)


@transaction.atomic
def skill_create(*, name: str, description: str = "", actor: Membership) -> Skill:
    """Add a skill that activities of ours may take."""
    skill = create(Skill(workspace_id=actor.workspace_id, name=" ".join(name.split()), description=description))
    audit.record("buying_process.skill_create", skill, actor=actor, changes={"name": ["", skill.name]})
    return skill


@transaction.atomic
def skill_update(*, skill: Skill, name: str, description: str, actor: Membership) -> Skill:
    """Rename or describe a skill; it is called so in published versions too."""
    changes = change(skill, name=" ".join(name.split()), description=description)
    if changes:
        audit.record("buying_process.skill_update", skill, actor=actor, changes=changes)
    return skill


@transaction.atomic
def skill_delete(*, skill: Skill, actor: Membership) -> None:
    """Take a skill off the list, and off the drafts that name it. What a published version names stays."""
    if skill.activities.exclude(stage__version__status=Status.DRAFT).exists():
        raise ApplicationError(f"A published version says that its activities take “{skill.name}”, so it stays.")
    audit.record("buying_process.skill_delete", skill, actor=actor, changes={"name": [skill.name, ""]})
    Skill.objects.filter(pk=skill.pk).delete()


@transaction.atomic
def skills_begin(*, actor: Membership) -> int:
    """Add the skills to begin with that are not there yet; gives how many."""
    known = {name.casefold() for name in Skill.objects.values_list("name", flat=True)}
    missing = [row for row in STARTER if row[0].casefold() not in known]
    for name, description in missing:
        skill_create(name=name, description=description, actor=actor)
    return len(missing)
