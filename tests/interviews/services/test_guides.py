"""Guides keep the wording that interviews were asked."""

import pytest

from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.choices import Job
from interviews.models import Guide, GuideVersion
from tests.factories import interviews as factory


@pytest.fixture
def guide(in_workspace, designer):
    return services.guide_ensure_default(actor=designer).guide


def asked(text="How did it begin?", job="recognise"):
    return services.QuestionInput(text=text, job=job)


def save(guide, designer, questions, based_on=1):
    return services.guide_save(
        guide=guide, based_on=based_on, title=guide.title, introduction="", questions=questions, actor=designer
    )


def test_default_guide_asks_about_each_buying_job_once(guide, designer):
    version = services.guide_ensure_default(actor=designer)
    assert [question.job for question in version.questions.all()] == [job.value for job in Job]
    assert (Guide.objects.count(), GuideVersion.objects.count()) == (1, 1)


def test_unused_version_is_rewritten_in_place(guide, designer):
    version = save(guide, designer, [asked(), asked("And then?", "commit")])
    assert (version.number, [row.text for row in version.questions.all()]) == (1, ["How did it begin?", "And then?"])


def test_version_in_use_is_kept_and_the_edit_is_the_next(guide, designer):
    made = factory.interview(designer)
    version = save(guide, designer, [asked()])
    assert (version.number, made.guide_version.number, made.answers.count()) == (2, 1, 6)
    assert services.guide_ensure_default(actor=designer) == version


def test_edit_that_changes_nothing_makes_no_version(guide, designer):
    factory.interview(designer)
    latest = guide.versions.get()
    rows = [services.QuestionInput(row.text, row.job, row.prompts) for row in latest.questions.all()]
    services.guide_save(
        guide=guide, based_on=1, title="Renamed", introduction=latest.introduction, questions=rows, actor=designer
    )
    guide.refresh_from_db()
    assert (guide.title, guide.versions.count()) == ("Renamed", 1)


def test_edit_of_an_older_version_is_a_conflict(guide, designer):
    factory.interview(designer)
    save(guide, designer, [asked()])
    with pytest.raises(ConflictError):
        save(guide, designer, [asked("Mine")], based_on=1)


def test_guide_without_a_question_is_refused(guide, designer):
    with pytest.raises(ApplicationError, match="at least one"):
        save(guide, designer, [])
