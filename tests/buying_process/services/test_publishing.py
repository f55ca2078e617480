import pytest

from audit.models import AuditEvent
from buying_process import services
from buying_process.choices import Status
from buying_process.models import Fit, Process, StageActivity, StageNeed, Version
from core.exceptions import ApplicationError, ConflictError
from jobs.models import Job
from tests.factories import buying_process as make


def test_publishing_makes_live_and_starts_the_move_of_deals(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    job = services.version_publish(version=version, actor=designer)
    version.refresh_from_db()
    assert (version.status, version.published_by) == (Status.LIVE, designer)
    assert (job.kind, job.task, job.arguments) == ("publish", "deals.adopt_version", {"version_id": version.pk})
    assert AuditEvent.objects.filter(verb="buying_process.version_publish").count() == 1


def test_publishing_without_moving_deals_starts_no_job(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    assert services.version_publish(version=version, actor=designer, move_deals=False) is None
    assert not Job.objects.exists()


def test_former_live_version_is_retired(in_workspace, designer):
    first = make.published(in_workspace, designer)
    second = services.version_copy(version=first, actor=designer)
    services.version_publish(version=second, actor=designer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.RETIRED, Status.LIVE)
    assert first.retired_at is not None


def test_publishing_twice_is_a_conflict(in_workspace, designer):
    version = make.published(in_workspace, designer)
    with pytest.raises(ConflictError):
        services.version_publish(version=version, actor=designer)
    assert Fit.objects.count() == 1


def test_stage_without_anything_of_the_customers_hinders_publishing(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    services.stage_add(version=version, name="Ours", actor=designer)
    with pytest.raises(ApplicationError, match="“Ours” holds nothing that customers do"):
        services.version_publish(version=version, actor=designer)
    version.refresh_from_db()
    assert version.status == Status.DRAFT
    assert not Fit.objects.exists()


def test_one_stage_hinders_publishing(in_workspace, designer):
    version = make.draft(in_workspace, designer, stages=1)
    with pytest.raises(ApplicationError, match="at least two stages"):
        services.version_publish(version=version, actor=designer)


def test_copy_holds_everything_and_is_a_draft(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    stage = version.stages.first()
    helped = stage.activities.first()
    services.stage_activity_add(
        stage=stage, name="Guide", actor_kind="marketing", purpose="facilitates", facilitates=helped, actor=designer
    )
    services.stage_need_add(stage=stage, kind="role", name="Finance", actor=designer)
    services.version_publish(version=version, actor=designer)
    copy = services.version_copy(version=version, actor=designer)
    ours = StageActivity.objects.get(stage__version=copy, name="Guide")
    assert (copy.number, copy.status, copy.derivation["copied_from"]) == (2, "draft", 1)
    assert ours.facilitates.stage.version_id == copy.pk
    assert StageNeed.objects.filter(stage__version=copy).count() == 1
    assert copy.transitions.count() == version.transitions.count()
    assert copy.interviews.count() == 5


def test_draft_is_deleted_and_published_is_not(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    services.version_delete(version=version, actor=designer)
    assert not Version.objects.exists()
    live = make.published(in_workspace, designer, name="Another")
    with pytest.raises(ConflictError):
        services.version_delete(version=live, actor=designer)


def test_retired_version_is_no_longer_in_use(in_workspace, designer):
    version = make.published(in_workspace, designer)
    services.version_retire(version=version, actor=designer)
    assert not Version.objects.in_use().exists()
    with pytest.raises(ConflictError):
        services.version_retire(version=version, actor=designer)


def test_process_with_a_published_version_cannot_be_deleted(in_workspace, designer):
    version = make.published(in_workspace, designer)
    with pytest.raises(ApplicationError, match="Retire it instead"):
        services.process_delete(process=version.process, actor=designer)


def test_process_of_drafts_alone_can(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    services.process_delete(process=version.process, actor=designer)
    assert not Process.objects.exists()


def test_two_processes_of_one_name_are_refused(in_workspace, designer):
    services.process_create(name="How plants buy", actor=designer)
    with pytest.raises(ApplicationError, match="process of this name"):
        services.process_create(name="how plants BUY", actor=designer)
