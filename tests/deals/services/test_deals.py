"""Deals made, changed, found again by another system's id, and moved to another version."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core import scope
from core.exceptions import ApplicationError, ConflictError
from deals import services
from deals.choices import FactKind
from deals.models import Alignment, Deal, OutcomeEvent, StageEvent
from deals.selectors.history import events_of
from deals.services.moving import deals_move
from deals.tasks import adopt_version
from interviews.models import Segment
from jobs.choices import JobState
from jobs.models import Job
from jobs.services import job_cancel, job_pause
from tests.factories import buying_process
from tests.factories import deals as factory
from tests.factories.accounts import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def test_new_deal_goes_by_the_live_version(version, rep):
    deal = factory.deal(rep)
    assert (deal.version, deal.stage, deal.outcome) == (version, None, "open")
    assert Alignment.objects.get(deal=deal).inputs_version == 1


def test_new_deal_prefers_the_process_of_its_segment(workspace, version, rep, designer):
    segment = Segment.objects.create(workspace=workspace, name="Mills")
    own = buying_process.draft(workspace, designer, name="How mills buy")
    own.process.segment = segment
    own.process.save()
    buying_process.services.version_publish(version=own, actor=designer, move_deals=False)
    assert factory.deal(rep, segment=segment).version_id == own.pk
    assert factory.deal(rep).version_id == version.pk


def test_new_deal_may_have_ended(version, rep):
    end = timezone.now() - timedelta(days=3)
    deal = factory.deal(rep, stage=factory.stage(version, 3), outcome="won", closed_at=end)
    assert (deal.outcome, deal.closed_at) == ("won", end)
    assert StageEvent.objects.get(deal=deal).occurred_at == deal.opened_at
    assert OutcomeEvent.objects.get(deal=deal).outcome == "won"


def test_deal_of_another_workspace_takes_nothing_of_ours(version, outsider, rep):
    with scope.in_workspace(outsider.workspace_id), pytest.raises(ApplicationError):
        factory.deal(outsider, version)
    with pytest.raises(ApplicationError):
        services.deal_update(deal=factory.deal(rep), actor=rep, owner=outsider)


def test_put_makes_once_and_then_changes(version, rep):
    opened = timezone.now() - timedelta(days=3)
    deal, made = services.deal_put(actor=rep, external_id="crm-1", name="Mill", opened_at=opened, owner=rep)
    again, made_again = services.deal_put(
        actor=rep, external_id="crm-1", name="Mill, line 3", stage=factory.stage(version, 2), outcome="lost"
    )
    assert (made, made_again, again.pk) == (True, False, deal.pk)
    stored = Deal.objects.get(pk=deal.pk)
    assert (stored.name, stored.stage, stored.outcome) == ("Mill, line 3", factory.stage(version, 2), "lost")


def test_put_refuses_an_id_of_a_deal_that_one_may_not_see(rep, colleague):
    services.deal_put(actor=colleague, external_id="crm-1", name="Mill", opened_at=timezone.now(), owner=colleague)
    with pytest.raises(ConflictError):
        services.deal_put(actor=rep, external_id="crm-1", name="Mine", opened_at=timezone.now(), owner=rep)


def test_shared_with_a_namesake_is_shared_with_another(version, rep, colleague, workspace):
    deal, before = factory.deal(rep, version), AuditEvent.objects.count()
    namesake = MembershipFactory(workspace=workspace, role=colleague.role, user__full_name=str(colleague.user))
    services.deal_share(deal=deal, members=[colleague], actor=rep)
    services.deal_share(deal=deal, members=[colleague], actor=rep)
    services.deal_share(deal=deal, members=[namesake], actor=rep)
    assert list(deal.shared_with.all()) == [namesake]
    assert AuditEvent.objects.count() == before + 2


def test_publication_moves_open_deals_and_scores_them(version, rep, designer, workspace):
    moving = factory.deal(rep, version, stage=factory.stage(version, 2))
    factory.check_signals(moving, version, rep)
    closed = factory.deal(rep, version, name="Closed", outcome="won")
    services.alignments_recompute_stale()
    before = Alignment.objects.get(deal=moving).position
    second, job = factory.second_version(version, designer)
    adopt_version(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.done) == (JobState.DONE, {"moved": 1, "failed": 0}, job.total)
    moved = Deal.objects.get(pk=moving.pk)
    assert (moved.version, moved.stage) == (second, factory.stage(second, 2))
    assert Deal.objects.get(pk=closed.pk).version == version
    event = StageEvent.objects.filter(deal=moving).first()
    assert (event.note, event.from_stage, event.to_stage) == (
        "Moved to version 2",
        factory.stage(version, 2),
        factory.stage(second, 2),
    )
    with pytest.raises(ApplicationError, match="came along"):
        services.fact_retract(fact=event, actor=rep)
    assert [each.can_be_undone for each in events_of(moved) if each.kind == FactKind.STAGE] == [False, True]
    row = Alignment.objects.get(deal=moving)
    assert row.scored_version == row.inputs_version
    assert row.fit.version == second
    assert row.position == pytest.approx(before, abs=1e-3), "signals of the old version count by their codes"


def test_publication_takes_up_deals_that_waited_for_a_process(rep, designer, workspace):
    waiting = factory.deal(rep)
    draft = buying_process.draft(workspace, designer)
    job = buying_process.services.version_publish(version=draft, actor=designer)
    adopt_version(job_id=job.pk)
    assert Deal.objects.get(pk=waiting.pk).version_id == draft.pk


def test_publication_run_twice_moves_nothing_twice(version, rep, designer):
    deal = factory.deal(rep, version, stage=factory.stage(version, 1))
    _, job = factory.second_version(version, designer)
    adopt_version(job_id=job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    adopt_version(job_id=job.pk)
    assert StageEvent.objects.filter(deal=deal).count() == 2


def test_move_that_was_paused_takes_no_deal_back_once_another_version_is_live(version, rep, designer):
    deal = factory.deal(rep, version, stage=factory.stage(version, 2))
    second, paused = factory.second_version(version, designer)
    job_pause(job=paused, actor=designer)
    third, job = factory.second_version(second, designer)
    adopt_version(job_id=job.pk)
    paused.refresh_from_db()
    assert paused.state == JobState.CANCELLED
    assert deals_move(version_id=second.pk, job_id=paused.pk, after=0, last=deal.pk) == 0, "a stretch that began before"
    deal.refresh_from_db()
    assert (deal.version, deal.stage) == (third, factory.stage(third, 2))


def test_deals_that_stayed_behind_are_moved_when_asked(version, rep, designer, client_of):
    deal = factory.deal(rep, version, stage=factory.stage(version, 2))
    factory.deal(rep, version, name="Closed", outcome="won")
    second, job = factory.second_version(version, designer)
    job_cancel(job=job, actor=designer)
    client, move = client_of(designer), reverse("buying_process:move_deals", args=[second.process_id, second.number])
    page = client.get(second.get_absolute_url()).content.decode()
    assert "1 open deal still follows another version" in page
    assert f'action="{move}"' in page
    assert f'action="{move}"' not in client_of(rep).get(second.get_absolute_url()).content.decode()
    assert client.post(move).url == second.get_absolute_url()
    assert client.post(move).status_code == 409, "they are on their way"
    page = client.get(second.get_absolute_url()).content.decode()
    assert "Move open deals to" in page
    assert "still follow" not in page
    adopt_version(job_id=Job.objects.latest("pk").pk)
    deal.refresh_from_db()
    assert (deal.version, deal.stage) == (second, factory.stage(second, 2))
    assert "still follow" not in client.get(second.get_absolute_url()).content.decode()
    former = reverse("buying_process:move_deals", args=[version.process_id, version.number])
    assert client.post(former).status_code == 409, "only the live one takes deals"


def test_facts_of_the_old_version_count_in_the_new_one(version, rep, designer):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    services.need_meet(deal=deal, need=factory.need(version, "evidence", 1), word="confirmed", actor=rep)
    services.need_meet(deal=deal, need=factory.need(version, "information", 3), word="reported", actor=rep)
    services.deal_log_effort(deal=deal, activity=factory.activity(version, "Help 3"), actor=rep)
    services.alignments_recompute_stale()
    before = Alignment.objects.get(deal=deal)
    _, job = factory.second_version(version, designer)
    adopt_version(job_id=job.pk)
    after = Alignment.objects.get(deal=deal)
    assert after.fit_id != before.fit_id
    assert after.score == pytest.approx(before.score, abs=0.05)
    assert after.component_evidence == before.component_evidence == 0.5
