import json

import pytest

from buying_process import services
from buying_process.models import Run, Transition, Version
from buying_process.services.derivation import Asked, version_derive
from core.exceptions import ApplicationError
from deals.services import deal_close
from interviews.models import Code, Interview, Moment
from jobs.models import Job
from jobs.services import job_run
from tests.factories import buying_process as make
from tests.factories import deals as make_deals


def repeated(version, designer):
    """Repeat the derivation of a version; give the job as it ended."""
    job = services.repeat_start(version=version, actor=designer)
    job_run(job_id=job.pk, work=services.repeat_from_job)
    job.refresh_from_db()
    return job


def closed(owner, version, signals, outcome):
    deal = make_deals.deal(owner, version)
    for name in signals:
        make_deals.services.deal_log_signal(
            deal=deal, activity=make_deals.activity(version, name), word="confirmed", actor=owner
        )
    deal_close(deal=deal, outcome=outcome, actor=owner)


def test_run_names_what_it_was_made_from(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    run = Run.objects.get(version=version)
    assert [row["weight"] for row in run.interviews] == [1.0] * 5
    assert run.options["stages_asked"] is None
    assert (run.options["seed"], run.options["resamples"], run.deals) == (20, make.RESAMPLES, {})
    assert [words[0] for words in run.options["codes"].values()] == list("abcdef")
    assert "SalesFlow" in run.program


def test_run_repeats_to_the_same_result(in_workspace, designer):
    job = repeated(make.draft(in_workspace, designer, stages=4), designer)
    assert job.result == {"same": True, "changed": []}
    assert job.message == "The same result, from the same inputs."
    assert Version.objects.count() == 1


def test_run_says_which_inputs_changed(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    Interview.objects.filter(customer="Customer 1").update(weight=3)
    Interview.objects.get(customer="Customer 2").moments.last().delete()
    Moment.objects.filter(interview__customer="Customer 5").delete()
    Interview.objects.get(customer="Customer 5").delete()
    Code.objects.filter(name="c").update(name="Compare")
    job = repeated(version, designer)
    assert job.result["changed"] == [
        "1 interview is gone.",
        "Coded, told or ended otherwise since: Customer 2.",
        "Weighted otherwise: Customer 1 (1, now 3).",
        "Changed in the codebook: “c”, now “Compare”.",
    ]
    assert not job.result["same"]
    assert "another result comes of it" in job.message


def test_run_tells_a_program_that_changed(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    Run.objects.update(program="SalesFlow 0.0.1, language model 0123", digest="0" * 64)
    job = repeated(version, designer)
    assert job.result["changed"][0].startswith("It was made by SalesFlow 0.0.1")


def test_version_without_a_run_is_not_repeated(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    Run.objects.all().delete()
    with pytest.raises(ApplicationError, match="nothing to repeat"):
        services.repeat_start(version=version, actor=designer)


def test_interviews_left_out_are_not_read(in_workspace, designer):
    make.check_interviews(in_workspace)
    out = Interview.objects.get(customer="Customer 5")
    job = services.derive_start(process=make.process(in_workspace), actor=designer, left_out=[out.pk])
    job_run(job_id=job.pk, work=services.derive_from_job)
    version = Version.objects.get()
    assert out.pk not in version.interviews.values_list("pk", flat=True)
    assert version.interviews.count() == 4
    assert version.run.options["left_out"] == [out.pk]


def test_closed_deals_join_the_transitions_by_their_weight(in_workspace, designer, rep):
    live = make_deals.live_version(in_workspace, designer, needs=False)
    closed(rep, live, "aceb", "won")
    closed(rep, live, "af", "no_decision")
    closed(rep, live, "a", "lost")  # one activity alone is no path
    version = version_derive(
        process=live.process,
        interviews=Interview.objects.all(),
        asked=Asked(deal_weight=0.5, resamples=make.RESAMPLES),
        actor=designer,
    )
    moves = {
        (move.from_stage.position, move.to_stage.position if move.to_stage else move.outcome): move
        for move in Transition.objects.filter(version=version).select_related("from_stage", "to_stage")
    }
    assert {key: move.seen_in_deals for key, move in moves.items() if move.seen_in_deals} == {
        (0, 1): 0.5,
        (1, 2): 0.5,
        (2, 0): 0.5,
        (0, 2): 0.5,
        (0, "won"): 0.5,
        (2, "no_decision"): 0.5,
    }
    assert moves[0, 1].seen == 7
    assert moves[0, 1].share == pytest.approx((7 + 0.5 + 2 * 0.4) / (11 + 1.5 + 2))
    assert version.derivation["deals"] == 2
    assert version.cyclic_share == pytest.approx(live.cyclic_share)
    again = services.version_copy(version=version, actor=designer)
    services.stage_rename(stage=again.stages.first(), name="Other", actor=designer)
    services.version_publish(version=again, actor=designer, move_deals=False)
    assert again.fits.get().matrix[1] == pytest.approx(moves[0, 1].share)


def test_deals_closed_later_are_told_by_a_repetition(in_workspace, designer, rep):
    live = make_deals.live_version(in_workspace, designer, needs=False)
    closed(rep, live, "acef", "won")
    version = version_derive(
        process=live.process,
        interviews=Interview.objects.all(),
        asked=Asked(deal_weight=1, resamples=make.RESAMPLES),
        actor=designer,
    )
    assert repeated(version, designer).result == {"same": True, "changed": []}
    closed(rep, live, "abc", "lost")
    job = repeated(version, designer)
    assert job.result["changed"] == ["Other deals are closed by now, or other signals stand on them."]
    assert not job.result["same"]


def test_weight_of_deals_out_of_range_is_refused(in_workspace, designer):
    make.check_interviews(in_workspace)
    with pytest.raises(ApplicationError, match="0 to 10 interviews"):
        services.derive_start(process=make.process(in_workspace), actor=designer, deal_weight=11)


def test_record_of_a_run_is_plain_json(in_workspace, designer):
    make.draft(in_workspace, designer)
    run = Run.objects.get()
    assert json.loads(json.dumps([run.options, run.interviews, run.deals]))
    assert Job.objects.count() == 0
