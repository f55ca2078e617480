"""Several workers at once, edits under their hands, deals that cannot be scored, workers that die. Real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection, connections
from django.urls import reverse

from core import scope
from deals import services
from deals.models import Alignment, AlignmentPoint, Deal, Stretch
from deals.selectors import measures
from deals.services import alignment as engine
from deals.services import stretches
from deals.services.score_rows import write_measured
from jobs.models import Job
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_workspace")]

ALL = (engine.URGENT, engine.TRIED, engine.REST)
SOON = "now() + interval '20 s'"


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def in_thread(work):
    """Run `work` with a connection of its own, as a worker would."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    return run


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def expire_leases():
    execute("UPDATE deals_alignment SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL")


def test_two_workers_never_score_a_deal_twice(version, rep, monkeypatch):
    deals = [factory.deal(rep, version, name=f"Deal {number}").pk for number in range(40)]
    seen, lock = [], threading.Lock()

    def counting(ids):
        with lock:
            seen.extend(ids)
        return measures.measure(ids)

    monkeypatch.setattr(engine, "measure", counting)
    with ThreadPoolExecutor(4) as workers:
        work = in_thread(lambda: services.alignments_recompute_stale(limit=3))
        done = sum(future.result() for future in [workers.submit(work) for _ in range(4)])
    assert done == 40
    assert sorted(seen) == sorted(deals)
    assert not Alignment.objects.filter(scored_version__lt=1).exists()


def test_two_workers_share_a_bulk_job_and_score_no_deal_twice(workspace, version, rep, monkeypatch):
    deals = [factory.deal(rep, version, name=f"Deal {number}").pk for number in range(24)]
    services.alignments_recompute_stale()
    job = services.alignments_rescore(workspace=workspace)
    Job.objects.filter(pk=job.pk).update(state="running")
    monkeypatch.setattr(stretches, "DEALS_A_STRETCH", 2)
    stretches.stretches_plan(job=job, deals=Deal.objects.open())
    both, turn, seen, read = threading.Barrier(2, timeout=10), count(), [], stretches.read_stretch

    def reading(reach):
        if next(turn) < 2:
            both.wait()  # with a stretch in its hands each
        groups = list(read(reach))
        seen.extend(int(deal) for group in groups for deal in group.deal_ids)
        return groups

    def work():
        done = 0
        while stretches.stretch_work(job_id=job.pk):
            done += 1
        return done

    monkeypatch.setattr(stretches, "read_stretch", reading)
    with ThreadPoolExecutor(2) as workers:
        done = [future.result() for future in [workers.submit(in_thread(work)) for _ in range(2)]]
    assert sum(done) == 12
    assert sorted(seen) == sorted(deals)
    assert set(Stretch.objects.filter(job=job, done_at__isnull=False).values_list("attempts", flat=True)) == {1}


def test_edit_during_its_own_computation_stays_stale_and_wins(version, rep, monkeypatch):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(deal, version, rep)
    measured, edited = threading.Event(), threading.Event()

    def slow(ids):
        found = measures.measure(ids)
        measured.set()
        assert edited.wait(10)
        return found

    monkeypatch.setattr(engine, "measure", slow)
    with ThreadPoolExecutor(1) as worker:
        running = worker.submit(in_thread(lambda: services.alignments_recompute_stale(seconds=0.01)))
        assert measured.wait(10)
        services.deal_log_stage(deal=deal, stage=factory.stage(version, 1), actor=rep, note="Back to the start")
        edited.set()
        assert running.result(timeout=20) == 1
    row = Alignment.objects.get(deal=deal)
    assert row.scored_version < row.inputs_version, "what was written is behind the edit"
    assert row.gap > 0
    assert row.urgent
    monkeypatch.setattr(engine, "measure", measures.measure)
    assert services.alignments_recompute_stale() == 1
    row.refresh_from_db()
    assert row.scored_version == row.inputs_version
    assert row.gap < 0


def test_late_worker_does_not_overwrite_a_newer_score(version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 3))
    with scope.across_workspaces("the test claims as a worker does"):
        [late] = engine._claim(ALL, limit=1, version_id=None)
        found = measures.measure([deal.pk])
        services_scope = scope.in_workspace(rep.workspace_id)
        with services_scope:
            services.deal_log_stage(deal=deal, stage=factory.stage(version, 1), actor=rep, note="Back")
        expire_leases()
        assert services.alignments_recompute_stale() == 1
        newer = Alignment.objects.get(deal=deal)
        assert write_measured([late], found) == 0
        assert Alignment.objects.get(deal=deal).gap == newer.gap


def test_lease_of_a_killed_worker_expires(version, rep):
    deal = factory.deal(rep, version)
    with scope.across_workspaces("the test claims and dies"):
        assert [claim.deal_id for claim in engine._claim(ALL, limit=10, version_id=None)] == [deal.pk]
    assert services.alignments_recompute_stale() == 0, "the dead worker still holds it"
    expire_leases()
    assert services.alignments_recompute_stale() == 1


def test_deals_of_a_killed_worker_are_taken_one_by_one(version, rep):
    for number in range(3):
        factory.deal(rep, version, name=f"Deal {number}")
    with scope.across_workspaces("the test claims and dies"):
        assert len(engine._claim(ALL, limit=10, version_id=None)) == 3
        expire_leases()
        assert len(engine._claim(ALL, limit=10, version_id=None)) == 1


def test_poison_deal_is_given_up_after_five_while_others_are_clean(workspace, version, rep, designer, client_of):
    broken, _ = factory.second_version(version, designer)
    good = [factory.deal(rep, version, name=f"Deal {number}").pk for number in range(5)]
    poison = factory.deal(rep, broken, name="Poison")
    factory.break_fit(broken)
    assert services.alignments_recompute_stale() == 5
    for attempt in range(1, 6):
        row = Alignment.objects.get(deal=poison)
        assert row.attempts == attempt
        assert "ValueError" in row.error
        expire_leases()
        assert services.alignments_recompute_stale() == 0
    row = Alignment.objects.get(deal=poison)
    assert row.attempts == 5, "given up"
    assert row.scored_version < row.inputs_version
    page = client_of(rep).get(poison.get_absolute_url()).content.decode()
    assert "We tried five times." in page
    assert "Retry" in page, "in reach, though nothing of the score can be told"
    assert client_of(rep).get(reverse("deals:explained", args=[poison.pk])).url == poison.get_absolute_url()
    assert "1 deal</a> could not be computed" in client_of(rep).get(reverse("deals:today")).content.decode()
    found = client_of(rep).get(reverse("deals:list"), {"band": "failed"}).context["page"].deals
    assert [deal.pk for deal in found] == [poison.pk]
    assert Alignment.objects.filter(deal__in=good, scored_version=1).count() == 5


def test_lease_of_a_batch_is_renewed_between_its_parts_and_a_lost_claim_is_left_alone(version, rep, monkeypatch):
    *_, lost, last = [factory.deal(rep, version, name=f"Deal {number}").pk for number in range(6)]
    tried = []

    def slow(ids):
        tried.append(list(ids))
        if len(ids) > 1:  # so long that lease and beat are over, and another worker took one up
            expire_leases()
            execute("UPDATE deals_heartbeat SET beat_at = now() - interval '31 seconds'")
            execute(f"UPDATE deals_alignment SET attempts = 2, leased_until = {SOON} WHERE deal_id = %s", lost)
            raise ValueError("spoilt")
        assert row_says("SELECT leased_until > now() + interval '15 s' FROM deals_alignment WHERE deal_id = %s", last)
        assert row_says("SELECT beat_at > now() - interval '5 s' FROM deals_heartbeat")
        return measures.measure(ids)

    monkeypatch.setattr(engine, "measure", slow)
    assert services.alignments_recompute_stale() == 5
    assert [lost] not in tried
    assert [last] in tried


def row_says(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()[0]


def test_failure_waits_longer_each_time(version, rep):
    deal = factory.deal(rep, version)
    factory.break_fit(version)
    waits = []
    for _ in range(3):
        services.alignments_recompute_stale()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM leased_until - now()) FROM deals_alignment WHERE deal_id = %s", [deal.pk]
            )
            waits.append(float(cursor.fetchone()[0]))
        expire_leases()
    assert waits == pytest.approx([2, 4, 8], abs=1)


def test_retry_takes_up_a_deal_that_was_given_up(version, rep, designer):
    deal = factory.deal(rep, version)
    execute("UPDATE deals_alignment SET attempts = 5, error = 'ValueError: no' WHERE deal_id = %s", deal.pk)
    assert services.alignments_recompute_stale() == 0
    services.alignment_retry(deal=deal, actor=designer)
    assert services.alignments_recompute_stale() == 1
    row = Alignment.objects.get(deal=deal)
    assert (row.error, row.attempts) == ("", 0)


def test_failure_of_an_attempt_before_the_retry_does_not_delay_it(version, rep, designer, monkeypatch):
    deal = factory.deal(rep, version)

    def fail(ids):
        monkeypatch.undo()
        services.alignment_retry(deal=deal, actor=designer)
        raise ValueError("the attempt before")

    monkeypatch.setattr(engine, "measure", fail)
    assert services.alignments_recompute_stale() == 1
    row = Alignment.objects.get(deal=deal)
    assert (row.error, row.attempts, row.leased_until) == ("", 0, None)


def test_edits_of_people_come_before_bulk_work(version, rep):
    from django.db import transaction

    bulk = [factory.deal(rep, version, name=f"Bulk {number}") for number in range(3)]
    mine = factory.deal(rep, version, name="Mine")
    services.alignments_recompute_stale()
    with transaction.atomic():
        execute("SET LOCAL salesflow.bulk = 'on'")
        for deal in bulk:
            deal.channels = ["online"]
            deal.save(update_fields=["channels"])
    services.deal_update(deal=mine, actor=rep, channels=["sales"])
    with scope.across_workspaces("the test claims as a worker does"):
        [first] = engine._claim(ALL, limit=1, version_id=None)
        assert first.deal_id == mine.pk
        assert len(engine._claim(ALL, limit=10, version_id=None)) == 3


def test_edits_while_four_workers_sweep_all_end_up_scored(version, rep):
    deals = [factory.deal(rep, version, name=f"Deal {n}", stage=factory.stage(version, 1)) for n in range(8)]
    a = factory.activity(version, "a")
    stop = threading.Event()

    def sweep():
        while not stop.is_set():
            services.alignments_recompute_stale(limit=4, seconds=0.5)

    def edit(deal):
        with scope.in_workspace(deal.workspace_id):
            for _ in range(10):
                services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep)

    with ThreadPoolExecutor(8) as pool:
        sweepers = [pool.submit(in_thread(sweep)) for _ in range(4)]
        for future in [pool.submit(in_thread(lambda deal=deal: edit(deal))) for deal in deals]:
            future.result(timeout=60)
        stop.set()
        for future in sweepers:
            future.result(timeout=60)
    expire_leases()
    services.alignments_recompute_stale()
    fresh = measures.measure([deal.pk for deal in deals])
    for row in Alignment.objects.all():
        assert row.scored_version == row.inputs_version
        assert row.score == pytest.approx(fresh[row.deal_id].score, abs=0.01)
    assert AlignmentPoint.objects.filter(deal__in=deals).count() == 8
