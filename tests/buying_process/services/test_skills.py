import pytest

from buying_process import services
from buying_process.models import Edit, Skill
from core.exceptions import ApplicationError, ConflictError
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def visit(draft, designer, *skills):
    return services.stage_activity_add(
        stage=draft.stages.first(),
        name="Visit",
        actor_kind="sales",
        purpose="independent",
        skills=skills,
        actor=designer,
    )


def names(activity):
    return [skill.name for skill in activity.skills.all()]


def test_skills_to_begin_with_are_added_once(in_workspace, designer):
    services.skill_create(name="critical thinking", actor=designer)
    assert services.skills_begin(actor=designer) == 2
    assert services.skills_begin(actor=designer) == 0
    assert Skill.objects.count() == 3


def test_same_name_twice_is_refused(in_workspace, designer):
    services.skill_create(name="Listening", actor=designer)
    with pytest.raises(ApplicationError, match="of this name already"):
        services.skill_create(name="listening", actor=designer)


def test_skills_of_an_activity_are_set_undone_copied_and_frozen(draft, designer):
    first = services.skill_create(name="Listening", actor=designer)
    second = services.skill_create(name="Negotiating", actor=designer)
    activity = visit(draft, designer, first)
    services.stage_activity_update(activity=activity, skills=[second], actor=designer)
    assert names(activity) == ["Negotiating"]
    services.edit_undo(version=draft, actor=designer)
    assert names(activity) == ["Listening"]
    copy = services.version_copy(version=draft, actor=designer)
    assert names(copy.stages.first().activities.get(name="Visit")) == ["Listening"]
    services.version_publish(version=draft, actor=designer)
    with pytest.raises(ConflictError):
        services.stage_activity_update(activity=activity, skills=[], actor=designer)
    with pytest.raises(ApplicationError, match="so it stays"):
        services.skill_delete(skill=first, actor=designer)


def test_skill_that_is_gone_stays_gone_when_its_activity_comes_back(draft, designer):
    skill = services.skill_create(name="Listening", actor=designer)
    activity = visit(draft, designer, skill)
    services.stage_activity_remove(activity=activity, actor=designer)
    services.skill_delete(skill=skill, actor=designer)
    services.edit_undo(version=draft, actor=designer)
    assert names(draft.stages.first().activities.get(name="Visit")) == []
    assert Edit.objects.count() == 2
