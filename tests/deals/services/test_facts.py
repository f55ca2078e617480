"""What may be logged on a deal, how a move back asks why, and how things are taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from core.exceptions import ApplicationError
from deals import services
from deals.models import Deal, OutcomeEvent, Signal, StageEvent
from tests.factories import buying_process
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


@pytest.fixture
def deal(version, rep):
    return factory.deal(rep, version, stage=factory.stage(version, 2))


def test_stage_moves_on_without_a_note(deal, version, rep):
    event = services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    assert (event.from_stage, event.to_stage) == (factory.stage(version, 2), factory.stage(version, 3))
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)
    audit = AuditEvent.objects.get(verb="deal.log_stage")
    assert (audit.actor_id, audit.object_id) == (rep.pk, str(deal.pk))


def test_stage_back_asks_why(deal, version, rep):
    with pytest.raises(ApplicationError) as refused:
        services.deal_log_stage(deal=deal, stage=factory.stage(version, 1), actor=rep, note="  ")
    assert list(refused.value.fields) == ["note"]
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 2)
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 1), actor=rep, note="Finance asked again")
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 1)


def test_stage_after_a_change_of_version_is_no_move_back(deal, version, rep, designer):
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    second, _ = factory.second_version(version, designer)
    services.deal_move_version(deal=deal, version=second, stage=None, actor=designer)
    event = services.deal_log_stage(deal=deal, stage=factory.stage(second, 2), actor=rep)
    assert (event.from_stage, event.to_stage) == (None, factory.stage(second, 2))


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(26, 11, 3, tzinfo=UTC)])
def test_moment_in_a_year_mistyped_is_refused(deal, version, rep, moment):
    with pytest.raises(ApplicationError) as refused:
        services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep, at=moment)
    assert refused.value.fields == {"occurred_at": ["This is before 1970. Check the year."]}


def test_stage_told_late_does_not_move_the_deal(deal, version, rep):
    earlier = timezone.now() - timedelta(days=5)
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    late = services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep, at=earlier)
    assert late.from_stage == factory.stage(version, 2)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)


def test_stage_of_another_process_is_refused(deal, workspace, rep, designer):
    other = buying_process.draft(workspace, designer, name="How mills buy")
    with pytest.raises(ApplicationError, match="not part of the deal's process"):
        services.deal_log_stage(deal=deal, stage=factory.stage(other, 3), actor=rep)


def test_last_move_can_be_taken_back_and_no_other(deal, version, rep):
    first = services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    second = services.deal_log_stage(deal=deal, stage=factory.stage(version, 1), actor=rep, note="Back")
    with pytest.raises(ApplicationError):
        services.fact_retract(fact=first, actor=rep)
    services.fact_retract(fact=second, actor=rep)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)
    assert StageEvent.objects.filter(deal=deal).count() == 3, "nothing is deleted"
    services.fact_restore(fact=second, actor=rep)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 1)


def test_signal_keeps_the_last_moment_beside_the_deal(deal, version, rep):
    a = factory.activity(version, "a")
    older = timezone.now() - timedelta(days=9)
    services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep, at=older)
    newer = services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep)
    assert Deal.objects.get(pk=deal.pk).last_signal_at == newer.occurred_at
    services.fact_retract(fact=newer, actor=rep)
    assert Deal.objects.get(pk=deal.pk).last_signal_at == older


def test_signal_of_ours_and_effort_of_theirs_are_refused(deal, version, rep):
    with pytest.raises(ApplicationError, match="Log it as our own"):
        services.deal_log_signal(deal=deal, activity=factory.activity(version, "Help 1"), word="observed", actor=rep)
    with pytest.raises(ApplicationError, match="Log it as a signal"):
        services.deal_log_effort(deal=deal, activity=factory.activity(version, "a"), actor=rep)


def test_activity_of_the_version_before_is_the_same_one_in_the_version_that_a_deal_has_moved_to(version, rep, designer):
    copy = factory.buying_process.services.version_copy(version=version, actor=designer)
    moved = factory.deal(rep, copy)
    signal = services.deal_log_signal(deal=moved, activity=factory.activity(version, "c"), word="observed", actor=rep)
    effort = services.deal_log_effort(deal=moved, activity=factory.activity(version, "Help 1"), actor=rep)
    assert (signal.activity, effort.activity) == (factory.activity(copy, "c"), factory.activity(copy, "Help 1"))
    stranger = factory.buying_process.draft(version.workspace, designer, name="How hospitals buy")
    with pytest.raises(ApplicationError, match="not part of the deal's process"):
        services.deal_log_signal(deal=moved, activity=factory.activity(stranger, "c"), word="observed", actor=rep)


def test_word_and_future_are_refused(deal, version, rep):
    a = factory.activity(version, "a")
    with pytest.raises(ApplicationError, match="whose word"):
        services.deal_log_signal(deal=deal, activity=a, word="rumour", actor=rep)
    with pytest.raises(ApplicationError, match="future"):
        services.deal_log_signal(
            deal=deal, activity=a, word="observed", actor=rep, at=timezone.now() + timedelta(hours=1)
        )


def test_same_signal_of_another_system_is_logged_once(deal, version, rep):
    a, at = factory.activity(version, "a"), timezone.now() - timedelta(days=1)
    sent = {"deal": deal, "actor": rep, "at": at, "external_id": "mail-1"}
    first = services.deal_log_signal(activity=a, word="observed", **sent)
    assert services.deal_log_signal(activity=a, word="observed", **sent) == first
    corrected = services.deal_log_signal(activity=a, word="confirmed", **sent)
    assert list(Signal.objects.filter(deal=deal, retracted_at=None)) == [corrected]
    services.fact_retract(fact=corrected, actor=rep)
    assert services.deal_log_signal(activity=a, word="confirmed", **sent) == corrected
    assert not Signal.objects.filter(deal=deal, retracted_at=None).exists(), "what a person took back stays so"


def test_what_another_system_sends_again_is_the_same_after_the_deal_moved_to_a_new_version(
    deal, version, rep, designer
):
    at = timezone.now() - timedelta(days=1)
    sent = {"deal": deal, "actor": rep, "at": at, "external_id": "crm-1"}
    logged = [
        services.deal_log_signal(activity=factory.activity(version, "a"), word="observed", **sent),
        services.deal_log_effort(activity=factory.activity(version, "Help 1"), **sent),
        services.deal_log_stage(stage=factory.stage(version, 2), asks_why=False, **sent),
    ]
    copy = factory.buying_process.services.version_copy(version=version, actor=designer)
    Deal.objects.filter(pk=deal.pk).update(version=copy, stage=factory.stage(copy, 2))
    again = [
        services.deal_log_signal(activity=factory.activity(copy, "a"), word="observed", **sent),
        services.deal_log_effort(activity=factory.activity(copy, "Help 1"), **sent),
        services.deal_log_stage(stage=factory.stage(copy, 2), asks_why=False, **sent),
    ]
    assert again == logged


def test_closed_deal_takes_no_more_but_what_was_before_its_end(deal, version, rep):
    end = timezone.now() - timedelta(days=2)
    services.deal_close(deal=deal, outcome="lost", actor=rep, at=end, note="Bought elsewhere")
    a = factory.activity(version, "a")
    with pytest.raises(ApplicationError, match="closed"):
        services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep)
    services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep, at=end - timedelta(days=1))
    services.deal_reopen(deal=deal, actor=rep)
    services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep)
    assert list(OutcomeEvent.objects.filter(deal=deal).values_list("outcome", "actor", "note")) == [
        ("open", rep.pk, ""),
        ("lost", rep.pk, "Bought elsewhere"),
    ]


def test_closing_needs_an_ending(deal, rep):
    with pytest.raises(ApplicationError):
        services.deal_close(deal=deal, outcome="open", actor=rep)


def test_need_takes_its_own_channel_where_none_is_said(deal, version, rep):
    met = services.need_meet(deal=deal, need=factory.need(version, "information", 1), word="observed", actor=rep)
    assert met.channel == "online"
    with pytest.raises(ApplicationError, match="roles are filled by contacts"):
        services.need_meet(deal=deal, need=factory.need(version, "role", 1), word="observed", actor=rep)


def test_contact_takes_a_role_of_this_workspace_only(deal, version, rep, outsider):
    from core import scope
    from tests.factories.buying_process import code

    with scope.in_workspace(outsider.workspace_id):
        foreign = code(outsider.workspace, "Controller", "role")
    activity = factory.activity(version, "a").code
    for wrong in (foreign, activity):
        with pytest.raises(ApplicationError):
            services.contact_add(deal=deal, name="Somebody", role=wrong, actor=rep)
    contact = services.contact_add(deal=deal, name="Somebody", role=factory.need(version, "role", 1).code, actor=rep)
    services.contact_update(contact=contact, actor=rep, engaged=False)
    event = AuditEvent.objects.filter(verb="deal.update_contact").get()
    assert event.changes == {"engaged": [True, False]}
