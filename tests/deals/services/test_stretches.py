"""Bulk recomputation: the same bits as one deal at a time, resumable, pausable, and never a deal twice."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from core.copying import read_columns, rows_of, write_rows
from deals import services
from deals.models import Alignment, AlignmentPoint, Deal, Stretch
from deals.selectors.inputs import inputs_of
from deals.selectors.measures import measure_inputs
from deals.services import stretches
from jobs.choices import JobState
from jobs.models import Job
from jobs.services import job_pause, job_resume, job_run
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]
STORED = (
    "score",
    "gap",
    "moments_left",
    "days_left",
    "returns_seen",
    "returns_expected",
    "entropy",
    "reason",
    "fit_id",
)
PARTS = ("position", "evidence", "people", "information", "effort")


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


@pytest.fixture
def deals(version, rep):
    """Deals of every kind: with and without stage, signals, facts of each sort, a process."""
    rng = np.random.default_rng(7)
    made = [factory.deal(rep, version, name=f"Deal {n}", channels=["online"] if n % 2 else []) for n in range(12)]
    for n, deal in enumerate(made):
        if n % 3:
            services.deal_log_stage(deal=deal, stage=factory.stage(version, 1 + n % 3), actor=rep)
        for _ in range(n % 5):
            services.deal_log_signal(
                deal=deal,
                activity=factory.activity(version, "abcdef"[rng.integers(6)]),
                word=("confirmed", "observed", "reported")[rng.integers(3)],
                actor=rep,
                at=timezone.now() - timedelta(days=float(rng.uniform(0, 40))),
            )
        for number in (1, 2, 3)[: n % 4]:
            services.deal_log_effort(deal=deal, activity=factory.activity(version, f"Help {number}"), actor=rep)
            services.need_meet(deal=deal, need=factory.need(version, "evidence", number), word="observed", actor=rep)
            services.need_meet(
                deal=deal,
                need=factory.need(version, "information", number),
                word="reported",
                channel="online" if n % 2 else "sales",
                actor=rep,
            )
            role = factory.need(version, "role", number).code
            services.contact_add(deal=deal, name=f"Person {number}", role=role, engaged=n % 4 != 2, actor=rep)
    made.append(factory.deal(rep, name="Without a process", version=None))
    Deal.objects.filter(pk=made[-1].pk).update(version=None)
    return made


def rescore(actor, *, task="deals.rescore"):
    job = services.alignments_rescore(workspace=actor.workspace)
    job_run(job_id=job.pk, work=lambda job, progress: services.deals_rescore(job=job, progress=progress))
    job.refresh_from_db()
    return job


def assert_equal_to_the_sweep(rows):
    """Hold every stored figure against the path that people's edits take, at the same moment, bit for bit."""
    inputs = inputs_of([row.deal_id for row in rows])
    for row in rows:
        inputs[row.deal_id].as_of = row.as_of
    found = measure_inputs(inputs.values())
    for row in rows:
        one = found[row.deal_id]
        assert {name: getattr(row, name) for name in STORED} == {name: getattr(one, name) for name in STORED}
        assert [getattr(row, f"component_{part}") for part in PARTS] == [
            getattr(one.components, part) for part in PARTS
        ]
        assert (tuple(row.position), tuple(row.tomorrow), tuple(row.outlook)) == (
            one.position,
            one.tomorrow,
            one.outlook,
        )
        assert row.likely_stage_id == one.likely_stage_id


def make_all_wait():
    Alignment.objects.update(urgent=False)


def test_bulk_stores_the_same_bits_as_the_sweep(deals, rep):
    make_all_wait()
    job = rescore(rep)
    assert (job.state, job.done, job.total, job.message) == (JobState.DONE, 13, 13, "13 deals scored.")
    rows = list(Alignment.objects.all())
    assert {row.inputs_version - row.scored_version for row in rows} == {0}
    assert {row.reason for row in rows} == {"", "no buyer evidence", "no process"}
    assert len({row.score for row in rows}) > 5
    assert_equal_to_the_sweep(rows)


def test_stretches_of_any_size_store_the_same(deals, rep, monkeypatch):
    make_all_wait()
    rescore(rep)
    before = {row.deal_id: (row.returns_seen, row.component_evidence) for row in Alignment.objects.all()}
    monkeypatch.setattr(stretches, "DEALS_A_STRETCH", 2)
    Alignment.objects.update(scored_version=0)
    job = rescore(rep)
    assert Stretch.objects.filter(job=job).count() == 7
    rows = list(Alignment.objects.all())
    assert {row.deal_id: (row.returns_seen, row.component_evidence) for row in rows} == before
    assert_equal_to_the_sweep(rows)


def test_only_what_changed_is_written(deals, rep):
    make_all_wait()
    rescore(rep)
    silent = Alignment.objects.filter(reason="no buyer evidence").first()
    moved = Alignment.objects.filter(reason="").first()
    rescore(rep)
    assert Alignment.objects.get(pk=silent.pk).as_of == silent.as_of
    again = Alignment.objects.get(pk=moved.pk)
    assert again.as_of >= moved.as_of
    assert AlignmentPoint.objects.filter(deal=moved.deal_id).count() == 1


def test_row_that_somebody_waits_for_is_left_to_the_sweep(deals, rep):
    make_all_wait()
    urgent = Alignment.objects.order_by("pk").first()
    Alignment.objects.filter(pk=urgent.pk).update(urgent=True)
    job = services.alignments_rescore(workspace=rep.workspace)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    stretches.stretches_plan(job=job, deals=Deal.objects.open())
    assert stretches.stretch_work(job_id=job.pk)
    assert Alignment.objects.get(pk=urgent.pk).scored_version == 0
    assert Alignment.objects.filter(scored_version=0).count() == 1
    assert services.alignments_recompute_stale() == 1


def test_change_while_a_stretch_is_measured_leaves_the_deal_stale(deals, version, rep, monkeypatch):
    make_all_wait()
    real = stretches.measure_batch
    once = []

    def interrupted(batch):
        if not once:
            once.append(
                services.deal_log_signal(
                    deal=deals[5], activity=factory.activity(version, "f"), word="confirmed", actor=rep
                )
            )
        return real(batch)

    monkeypatch.setattr(stretches, "measure_batch", interrupted)
    rescore(rep)
    row = Alignment.objects.get(deal=deals[5])
    assert row.scored_version < row.inputs_version
    assert row.urgent
    services.alignments_recompute_stale()
    assert_equal_to_the_sweep(list(Alignment.objects.all()))


def test_paused_job_stands_still_and_goes_on_where_it_stood(deals, designer, rep, monkeypatch):
    make_all_wait()
    monkeypatch.setattr(stretches, "DEALS_A_STRETCH", 4)
    job = services.alignments_rescore(workspace=rep.workspace)
    real = stretches._do

    def then_pause(claim):
        real(claim)
        job_pause(job=job, actor=designer)

    monkeypatch.setattr(stretches, "_do", then_pause)
    job_run(job_id=job.pk, work=lambda job, progress: services.deals_rescore(job=job, progress=progress))
    job.refresh_from_db()
    assert (job.state, Stretch.objects.filter(job=job, done_at=None).count()) == (JobState.PAUSED, 3)
    assert not stretches.stretch_work(), "nobody works on a paused job"
    assert not stretches.stretches_pending()
    monkeypatch.setattr(stretches, "_do", real)
    job_resume(job=job, actor=designer)
    job_run(job_id=job.pk, work=lambda job, progress: services.deals_rescore(job=job, progress=progress))
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.DONE, 13)
    assert set(Stretch.objects.filter(job=job).values_list("attempts", flat=True)) == {1}


def test_stretch_whose_workers_died_twice_is_left_to_the_sweep(deals, rep):
    make_all_wait()
    rescore(rep)
    job = services.alignments_rescore(workspace=rep.workspace)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    stretches.stretches_plan(job=job, deals=Deal.objects.open())
    Stretch.objects.filter(job=job).update(attempts=2, leased_until=timezone.now() - timedelta(minutes=1))
    assert stretches.stretch_work(job_id=job.pk)
    assert not Stretch.objects.filter(job=job, done_at=None).exists()
    assert services.alignments_recompute_stale() == 13


def test_lease_is_live_for_a_transaction_that_began_earlier_and_not_after_the_clock_was_set_back(deals, rep):
    job = services.alignments_rescore(workspace=rep.workspace)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    stretches.stretches_plan(job=job, deals=Deal.objects.open())
    held = Stretch.objects.filter(job=job)
    lease = timedelta(seconds=stretches.LEASE_SECONDS)
    held.update(leased_until=timezone.now() + lease)  # taken after this test's transaction began
    assert not stretches.stretch_work(job_id=job.pk)
    held.update(leased_until=timezone.now() + timedelta(hours=1))
    assert stretches.stretch_work(job_id=job.pk)


def test_worker_that_lost_its_claim_stores_nothing(deals, rep, monkeypatch):
    make_all_wait()
    job = services.alignments_rescore(workspace=rep.workspace)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    stretches.stretches_plan(job=job, deals=Deal.objects.open())
    real = stretches.measure_batch

    def late(batch):
        Stretch.objects.filter(job=job).update(attempts=2)
        return real(batch)

    monkeypatch.setattr(stretches, "measure_batch", late)
    stretches.stretch_work(job_id=job.pk)
    assert Alignment.objects.filter(scored_version__gt=0).count() == 0


def test_deal_that_breaks_a_stretch_is_found_by_the_sweep(deals, rep, monkeypatch):
    make_all_wait()

    def broken(batch):
        raise ValueError("a column of nonsense")

    monkeypatch.setattr(stretches, "measure_batch", broken)
    job = rescore(rep)
    assert job.state == JobState.DONE
    assert services.alignments_recompute_stale() == 13
    assert {row.inputs_version - row.scored_version for row in Alignment.objects.all()} == {0}


def test_nightly_starts_once_a_workspace_where_scores_are_old(deals, rep):
    services.alignments_recompute_stale()
    assert services.alignments_rescore_old() == 0
    Alignment.objects.update(as_of=timezone.now() - timedelta(hours=30))
    assert services.alignments_rescore_old() == 1
    assert services.alignments_rescore_old() == 0, "one is under way"
    job = Job.objects.get(kind="rescore")
    assert (job.title, job.started_by, job.can_pause) == ("Compute the scores of all open deals anew", None, True)


def test_copy_takes_what_numpy_laid_out():
    columns = (("id", "i8"), ("share", "f8"), ("list", "f8[]"), ("small", "i2"))
    values = {"id": np.array([1, 2]), "share": np.array([0.1, np.nan]), "small": np.array([3, -4])}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE laid_out (id bigint, share float8, list float8[], small smallint) ON COMMIT DROP"
        )
        write_rows(
            cursor, "laid_out", columns, [rows_of(columns, values | {"list": np.array([[1.5, 2.5], [0.1, 7]])}, size=2)]
        )
        write_rows(cursor, "laid_out", columns, [rows_of(columns, values | {"list": np.zeros((2, 0))}, size=0)])
        cursor.execute("SELECT id, NULLIF(share, 'NaN'), list, small FROM laid_out")
        assert cursor.fetchall() == [
            (1, 0.1, [1.5, 2.5], 3),
            (2, None, [0.1, 7.0], -4),
            (1, 0.1, [], 3),
            (2, None, [], -4),
        ]
        assert read_columns(cursor, "SELECT '\\x0102'::bytea, NULL::bytea, int8send(5)") == [
            b"\1\2",
            b"",
            bytes([0] * 7 + [5]),
        ]
