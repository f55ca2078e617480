"""Scores as the engine stores them, on the worked example and around it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from buying_process.choices import Need
from deals import services
from deals.choices import Reason, Word
from deals.models import Alignment, AlignmentPoint
from deals.selectors.verification import differing_scores
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def scored(deal):
    services.alignments_recompute_stale()
    return Alignment.objects.get(deal=deal)


def test_score_of_the_worked_example(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    row = scored(deal)
    assert row.position == pytest.approx([0.0374, 0.1986, 0.7640], abs=5e-5)
    assert row.outlook == pytest.approx([0.5381, 0.2180, 0.2439], abs=5e-5)
    assert row.moments_left == pytest.approx(2.9764, abs=5e-5)
    assert row.days_left == pytest.approx(2.9764 * version.days_between_moments, abs=1e-3)
    assert row.likely_stage == factory.stage(version, 3)
    assert row.gap == pytest.approx(2 - (0.1986 + 2 * 0.7640), abs=2e-4)
    assert row.returns_seen == 1
    assert sum(row.tomorrow) == pytest.approx(1)
    # position .0374 * .1424 + .1986 * .2877 + .7640; evidence 0 of 2, roles and information 0, nothing done lately
    position = 0.0374 * 0.1424 + 0.1986 * 0.2877 + 0.7640
    assert row.component_position == pytest.approx(position, abs=2e-4)
    assert (row.component_evidence, row.component_people, row.component_information) == (0, 0, 0)
    assert row.component_effort is None
    assert row.score == pytest.approx(100 * 0.40 * position / 0.90, abs=0.02)


def test_components_count_what_stands(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    role = factory.need(version, Need.ROLE, 3).code
    services.need_meet(deal=deal, need=factory.need(version, "evidence", 1), word=Word.CONFIRMED, actor=rep)
    services.need_meet(deal=deal, need=factory.need(version, "evidence", 2), word=Word.REPORTED, actor=rep)
    services.need_meet(deal=deal, need=factory.need(version, "information", 3), word=Word.REPORTED, actor=rep)
    services.contact_add(deal=deal, name="Plant manager", role=role, actor=rep)
    services.deal_log_effort(deal=deal, activity=factory.activity(version, "Help 3"), actor=rep)
    row = scored(deal)
    assert row.component_evidence == 0.5, "what only the rep says settles no evidence"
    assert row.component_people == pytest.approx(0.7640, abs=5e-5)
    assert row.component_information == pytest.approx(0.7640, abs=5e-5)
    assert row.component_effort == pytest.approx(max(row.position[2], row.tomorrow[2]))


def test_information_counts_on_the_customers_channels_only(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3), channels=["partner"])
    factory.check_signals(deal, version, rep)
    information = factory.need(version, "information", 3)
    services.need_meet(deal=deal, need=information, word=Word.CONFIRMED, channel="online", actor=rep)
    assert scored(deal).component_information == 0
    services.need_meet(deal=deal, need=information, word=Word.CONFIRMED, channel="partner", actor=rep)
    assert scored(deal).component_information == pytest.approx(0.7640, abs=5e-5)


def test_efforts_older_than_thirty_days_do_not_count(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    help_3 = factory.activity(version, "Help 3")
    services.deal_log_effort(deal=deal, activity=help_3, actor=rep, at=timezone.now() - timedelta(days=31))
    assert scored(deal).component_effort is None


def test_reason_without_buyer_evidence(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 1))
    row = scored(deal)
    assert (row.score, row.gap, row.reason) == (None, None, Reason.NO_EVIDENCE)
    assert row.position == pytest.approx([1, 0, 0])
    assert row.component_position is None


def test_reason_without_process(rep):
    deal = factory.deal(rep)
    row = scored(deal)
    assert (row.score, row.reason, row.position) == (None, Reason.NO_PROCESS, [])


def test_closed_deal_keeps_its_score_of_the_closing(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep, silence_days=20)
    services.deal_close(deal=deal, outcome="won", actor=rep, at=timezone.now() - timedelta(days=10))
    row = scored(deal)
    assert row.as_of == deal.closed_at
    assert row.position == pytest.approx([0.0374, 0.1986, 0.7640], abs=5e-5)
    row.refresh_from_db()
    assert services.alignments_mark_silent() == 0


def test_retracted_signal_does_not_count(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    before = scored(deal).score
    extra = services.deal_log_signal(deal=deal, activity=factory.activity(version, "a"), word="confirmed", actor=rep)
    assert scored(deal).score != pytest.approx(before, abs=0.5)
    services.fact_retract(fact=extra, actor=rep)
    assert scored(deal).score == pytest.approx(before, abs=0.01)
    services.fact_restore(fact=extra, actor=rep)
    assert scored(deal).score != pytest.approx(before, abs=0.5)


def test_history_keeps_one_point_a_day(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    first = scored(deal)
    point = AlignmentPoint.objects.get(deal=deal)
    assert (point.score, point.likely_stage_id) == (first.score, first.likely_stage_id)
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 2), actor=rep, note="They asked again")
    second = scored(deal)
    assert AlignmentPoint.objects.get(deal=deal).score == second.score != first.score


def test_history_adds_no_point_where_nothing_changed(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    scored(deal)
    AlignmentPoint.objects.all().delete()
    services.contact_add(deal=deal, name="Somebody without a role", actor=rep)
    scored(deal)
    assert not AlignmentPoint.objects.exists()


def test_silence_marks_open_deals_scored_long_ago(version, rep):
    deal = factory.deal(rep, version)
    fresh = factory.deal(rep, version, name="Fresh")
    services.alignments_recompute_stale()
    Alignment.objects.filter(deal=deal).update(as_of=timezone.now() - timedelta(hours=21))
    assert services.alignments_mark_silent() == 1
    stale = Alignment.objects.get(deal=deal)
    assert stale.inputs_version == stale.scored_version + 1
    assert not stale.urgent
    assert stale.stale_since is not None
    assert Alignment.objects.get(deal=fresh).stale_since is None


def test_batch_is_read_in_a_constant_number_of_queries(version, rep, django_assert_num_queries):
    for number in range(3):
        deal = factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, 2))
        factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_alignment SET inputs_version = inputs_version + 1")
    # Two rounds of claims (urgent, tried before, stretches, the rest) with a heartbeat each, five reads, lock,
    # write and count; and seven savepoint pairs of the test's own transaction.
    with django_assert_num_queries(36):
        assert services.alignments_recompute_stale() == 3


def test_backfill_knows_nothing_that_came_later(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 1), days_old=60)
    now = timezone.now()
    early, late = factory.activity(version, "a"), factory.activity(version, "f")
    services.deal_log_signal(deal=deal, activity=early, word="confirmed", actor=rep, at=now - timedelta(days=50))
    scored(deal)
    services.alignments_backfill(weeks=6)
    before = list(AlignmentPoint.objects.filter(deal=deal).order_by("on").values_list("on", "score", "gap"))
    assert len(before) == 7
    services.deal_log_signal(deal=deal, activity=late, word="confirmed", actor=rep, at=now - timedelta(days=10))
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep, at=now - timedelta(days=10))
    scored(deal)
    AlignmentPoint.objects.filter(deal=deal).delete()
    services.alignments_backfill(weeks=6)
    after = list(AlignmentPoint.objects.filter(deal=deal).order_by("on").values_list("on", "score", "gap"))
    assert [row[0] for row in after[:5]] == [row[0] for row in before[:5]]
    for (_, score, gap), (_, score_before, gap_before) in zip(after[:5], before[:5], strict=True):
        assert (score, gap) == pytest.approx((score_before, gap_before), abs=1e-3)
    assert after[-1][2] != pytest.approx(before[5][2], abs=0.1), "what had happened by then counts"


def test_oracle_names_what_differs(version, rep, colleague):
    deal, other = (factory.deal(rep, version, name=name, stage=factory.stage(version, 3)) for name in ("One", "Other"))
    factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    assert list(differing_scores()) == [[]]
    for row, wrong in (
        (deal, {"score": 1.0}),
        (other, {"score": 1.0}),
        (deal, {"owner": colleague}),
        (deal, {"version": None}),
        (deal, {"stage": factory.stage(version, 2)}),
        (other, {"is_open": False}),
    ):
        with transaction.atomic():
            Alignment.objects.filter(deal=row).update(**wrong)
            assert list(differing_scores()) == [[row.pk]], wrong
            transaction.set_rollback(True)
