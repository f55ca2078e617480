"""Jobs against a real database, with real threads and transactions."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from audit.models import AuditEvent
from core import scope
from core.exceptions import ApplicationError
from jobs import progress as progress_module
from jobs.choices import JobState
from jobs.models import Job
from jobs.services import JobCancelled, Progress, job_cancel, job_run, job_start, jobs_resume_waiting
from tests.factories.accounts import MembershipFactory
from tests.factories.jobs import JobFactory

LONG_AGO = timedelta(seconds=61)


@pytest.fixture
def job(designer):
    return JobFactory(started_by=designer, total=3)


def stored(job):
    with scope.in_workspace(job.workspace_id):
        return Job.objects.get(pk=job.pk)


def count(job, progress):
    for number in range(1, job.total + 1):
        progress.at(number, f"Number {number}")
    return {"counted": job.total}


def must_not_run(*_):
    pytest.fail("This job must not run.")


def test_start_stores_the_job_and_rings_after_commit(designer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        job = job_start(kind="count", task="tests.count", title="Count", actor=designer, total=3, upto=3)
    found = stored(job)
    assert (found.state, found.arguments, found.started_by, found.total) == (JobState.QUEUED, {"upto": 3}, designer, 3)
    assert len(callbacks) == 1
    with scope.in_workspace(job.workspace_id):
        recorded = AuditEvent.objects.get(object_type="jobs.job")
    assert (recorded.verb, recorded.object_id) == ("job.start", str(job.pk))


def test_run_stores_result_and_progress(job):
    job_run(job_id=job.pk, work=count)
    found = stored(job)
    assert (found.state, found.done, found.result, found.message) == (JobState.DONE, 3, {"counted": 3}, "")
    assert found.attempts == 1
    assert found.finished_at >= found.started_at


def test_run_works_in_the_jobs_workspace_and_leaves_no_scope(job):
    seen = []
    job_run(job_id=job.pk, work=lambda *_: seen.append(scope.workspace_id()) or {})
    assert seen == [job.workspace_id]
    with pytest.raises(RuntimeError):
        scope.workspace_id()


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.RUNNING])
def test_run_leaves_a_job_that_is_over_or_held_alone(designer, state):
    job = JobFactory(started_by=designer, state=state, beat_at=timezone.now())
    job_run(job_id=job.pk, work=must_not_run)
    assert stored(job).state == state


def test_run_of_an_unknown_job_does_nothing(db):
    job_run(job_id=1, work=must_not_run)


def test_failure_with_a_sentence_is_shown_to_the_person(job):
    def work(job, progress):
        raise ApplicationError("The file has no column for names.")

    job_run(job_id=job.pk, work=work)
    found = stored(job)
    assert (found.state, found.message) == (JobState.FAILED, "The file has no column for names.")


def test_failure_of_ours_is_stored_without_its_inside_and_raised(job):
    def work(job, progress):
        raise ZeroDivisionError("the inside")

    with pytest.raises(ZeroDivisionError):
        job_run(job_id=job.pk, work=work)
    found = stored(job)
    assert found.state == JobState.FAILED
    assert found.message == "Something went wrong on our side. Try again, or tell your admin the time."


def test_cancel_of_a_waiting_job_ends_it_at_once(job):
    with scope.in_workspace(job.workspace_id):
        job_cancel(job=job, actor=job.started_by)
        job_cancel(job=job, actor=job.started_by)
        assert AuditEvent.objects.filter(verb="job.cancel").count() == 1
    assert stored(job).state == JobState.CANCELLED
    job_run(job_id=job.pk, work=must_not_run)


def test_cancel_of_a_running_job_stops_it_at_its_next_step(job):
    steps = []

    def work(job, progress):
        progress.at(1, "One")
        steps.append(1)
        job_cancel(job=job, actor=job.started_by)
        progress.at(2, "Two")
        steps.append(2)
        return {}

    job_run(job_id=job.pk, work=work)
    found = stored(job)
    assert (found.state, found.message, steps) == (JobState.CANCELLED, "Cancelled.", [1])


def test_silent_worker_is_taken_up_again_three_times_at_most(job):
    def die(job, progress):
        raise KeyboardInterrupt  # what a killed process leaves behind: a row that runs and is silent

    for attempt in (1, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            job_run(job_id=job.pk, work=die)
        found = stored(job)
        assert (found.state, found.attempts) == (JobState.RUNNING, attempt)
        with scope.in_workspace(job.workspace_id):
            Job.objects.filter(pk=job.pk).update(beat_at=timezone.now() - LONG_AGO)
    job_run(job_id=job.pk, work=must_not_run)
    found = stored(job)
    assert (found.state, found.message) == (JobState.FAILED, "Tried three times without coming to an end.")


def test_lost_database_gives_the_job_back(job):
    def work(job, progress):
        raise OperationalError("server closed the connection unexpectedly")

    job_run(job_id=job.pk, work=work)
    found = stored(job)
    assert (found.state, found.attempts) == (JobState.QUEUED, 1)


def test_worker_that_was_given_up_spoils_nothing(job):
    """The first worker wakes after a second one has taken the job and finished it."""

    def first(job, progress):
        Job.objects.filter(pk=job.pk).update(beat_at=timezone.now() - LONG_AGO)
        job_run(job_id=job.pk, work=lambda *_: {"by": "second"})
        progress.at(1, "The first again")
        return {"by": "first"}

    job_run(job_id=job.pk, work=first)
    found = stored(job)
    assert (found.state, found.result, found.attempts, found.message) == (JobState.DONE, {"by": "second"}, 2, "")


def test_resume_rings_for_waiting_and_silent_jobs_alone(designer, monkeypatch):
    old = timezone.now() - LONG_AGO
    waiting = JobFactory(started_by=designer, task="tests.waiting")
    silent = JobFactory(started_by=designer, task="tests.silent", state=JobState.RUNNING, beat_at=old)
    JobFactory(started_by=designer, state=JobState.RUNNING, beat_at=timezone.now())
    JobFactory(started_by=designer, state=JobState.DONE, beat_at=old)
    JobFactory(started_by=designer, task="tests.just_queued")
    with scope.across_workspaces("make it old"):
        Job.objects.filter(pk=waiting.pk).update(created_at=old)
    rung = []
    monkeypatch.setattr("jobs.services.enqueue", lambda task, **ids: rung.append((task, ids["job_id"])))
    assert jobs_resume_waiting() == 2
    assert rung == [("tests.waiting", waiting.pk), ("tests.silent", silent.pk)]


def in_thread(function):
    """Run `function` as another worker would: its own connection, its own context."""

    def target():
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=target)
    thread.start()
    return thread


@pytest.fixture
def committed_job(transactional_db):
    return JobFactory(started_by=MembershipFactory(), total=3)


def test_eight_workers_claim_a_job_once(committed_job):
    done = []
    start = threading.Barrier(8)

    def work(job, progress):
        done.append(job.pk)
        time.sleep(0.2)
        return {}

    def worker():
        start.wait()
        job_run(job_id=committed_job.pk, work=work)

    threads = [in_thread(worker) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert done == [committed_job.pk]
    assert stored(committed_job).attempts == 1


def test_progress_inside_a_transaction_is_seen_at_once_and_survives_its_rollback(committed_job):
    seen = []

    def work(job, progress):
        with transaction.atomic():
            progress.at(2, "Half of it")
            reader = in_thread(lambda: seen.append((stored(job).done, stored(job).message)))
            reader.join()
            raise ApplicationError("Row 3 is wrong.")

    job_run(job_id=committed_job.pk, work=work)
    assert seen == [(2, "Half of it")]
    found = stored(committed_job)
    assert (found.state, found.done, found.message) == (JobState.FAILED, 2, "Row 3 is wrong.")


def test_cancel_reaches_work_inside_a_transaction(committed_job):
    def work(job, progress):
        with transaction.atomic():
            canceller = in_thread(lambda: cancel_in_scope(job))
            canceller.join()
            progress.at(1, "On")
        return {}

    def cancel_in_scope(job):
        with scope.in_workspace(job.workspace_id):
            job_cancel(job=job, actor=job.started_by)

    job_run(job_id=committed_job.pk, work=work)
    assert stored(committed_job).state == JobState.CANCELLED


def test_heartbeat_keeps_a_long_step_alive(committed_job, monkeypatch):
    monkeypatch.setattr(progress_module, "BEAT_SECONDS", 0.05)
    beats = []

    def work(job, progress):
        for _ in range(2):
            time.sleep(0.3)
            beats.append(stored(job).beat_at)
        return {}

    job_run(job_id=committed_job.pk, work=work)
    assert beats[0] < beats[1]


def test_progress_in_a_loop_is_stored_five_times_a_second_at_most(job, django_assert_num_queries):
    with scope.in_workspace(job.workspace_id):
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
        with django_assert_num_queries(1), Progress(job) as progress:
            for number in range(100):
                progress.at(number)


def test_progress_tells_a_cancelled_job(job):
    with scope.in_workspace(job.workspace_id):
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, cancel_requested=True)
        with Progress(job) as progress, pytest.raises(JobCancelled):
            progress.at(1)
