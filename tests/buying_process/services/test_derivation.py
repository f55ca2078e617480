import numpy as np
import pytest

from buying_process import services
from buying_process.models import Fit, StageNeed, Version
from buying_process.selectors.fits import fit_of
from core.exceptions import ApplicationError
from interviews.models import Interview
from jobs.models import Job
from jobs.services import job_run
from tests.factories import buying_process as make

P = [
    [0.3692, 0.6, 0.0077, 0, 0.0077, 0.0154],
    [0.1692, 0.3615, 0.4462, 0, 0.0077, 0.0154],
    [0.0091, 0.0182, 0.5091, 0.2545, 0.1, 0.1091],
]
B = [
    [0.45, 0.45, 0.025, 0.025, 0.025, 0.025],
    [0.025, 0.025, 0.45, 0.45, 0.025, 0.025],
    [0.025, 0.025, 0.025, 0.025, 0.4114, 0.4886],
]


def held(version):
    return [
        [activity.name for activity in stage.activities.order_by("position")]
        for stage in version.stages.order_by("position")
    ]


def test_check_example_gives_its_stages_and_figures(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    assert held(version) == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert version.cyclic_share == pytest.approx(0.1619, abs=5e-5)
    assert [stage.told for stage in version.stages.all()] == [5, 5, 5]
    assert version.interviews.count() == 5
    assert version.number == 1


def test_check_example_transitions_carry_shares_and_counts(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    rows = {
        (move.from_stage.position, move.to_stage.position if move.to_stage else move.outcome): (
            round(move.share, 4),
            move.seen,
        )
        for move in version.transitions.select_related("from_stage", "to_stage")
    }
    assert rows[0, 1] == (0.6, 7)
    assert rows[1, 0] == (0.1692, 2)
    assert rows[2, "won"] == (0.2545, 2)
    assert (0, "won") not in rows


def test_check_example_published_fit_equals_the_model(in_workspace, designer):
    version = make.published(in_workspace, designer)
    fit = fit_of(version)
    np.testing.assert_allclose(fit.matrix, P, atol=5e-5)
    np.testing.assert_allclose(fit.emissions, B, atol=5e-5)
    assert fit.start.tolist() == [1, 0, 0]
    assert list(fit.home.values()) == [0, 0, 1, 1, 2, 2]
    assert list(fit.stages) == [stage.pk for stage in version.stages.all()]
    assert Fit.objects.get().number == 1


def test_derivation_says_what_it_was_made_of(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    account = version.derivation
    assert account["interviews"] == 5
    assert account["moments"] == 32
    assert account["outcomes"] == {"won": 2, "lost": 1, "no_decision": 1}
    assert account["contradicted_pairs"][0].keys() == {"earlier", "later", "forward", "backward", "share"}
    assert account["components"] == []
    assert account["cyclic_low"] <= version.cyclic_share <= account["cyclic_high"]
    assert account["saturation"]["distinct"] == 6
    assert all(0 <= stage.stability <= 1 for stage in version.stages.all())


def test_number_of_stages_chosen_is_kept(in_workspace, designer):
    version = make.draft(in_workspace, designer, stages=2)
    assert version.stages.count() == 2


def test_more_stages_than_activities_is_refused_with_the_range(in_workspace, designer):
    make.check_interviews(in_workspace)
    with pytest.raises(ApplicationError, match="1 to 6 stages"):
        services.derive_start(process=make.process(in_workspace), actor=designer, stages=7)


def test_too_few_stories_is_refused_with_what_to_do(in_workspace, designer):
    make.tell(in_workspace, ["a", "b"])
    make.tell(in_workspace, ["a", "b"])
    make.tell(in_workspace, ["a"])
    with pytest.raises(ApplicationError, match="at least 3 interviews with a timeline") as refused:
        services.derive_start(process=make.process(in_workspace), actor=designer)
    assert "there are 2" in refused.value.message
    assert not Job.objects.exists()


def test_codes_never_told_are_left_out(in_workspace, designer):
    make.code(in_workspace, "never told")
    version = make.draft(in_workspace, designer)
    assert ["a", "b"] in held(version)
    assert version.derivation["never_told"] == 1


def test_stage_names_come_from_the_job_and_the_strongest_activity(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    assert [stage.name for stage in version.stages.all()] == ["Recognise: a", "Solve: c", "Commit: f"]


def test_activities_that_no_interview_connects_are_reported(in_workspace, designer):
    for story in ("ab", "ab", "cd"):
        make.tell(in_workspace, list(story))
    version = make.draft(in_workspace, designer)
    assert version.derivation["components"] == [["a", "b"], ["c", "d"]]


def test_needs_hang_on_the_nearest_activity_told(in_workspace, designer):
    first, *_ = make.check_interviews(in_workspace)
    text = first.answers.get().text
    make.beside(first, "Finance", "role", "Then we", at=0)
    make.beside(first, "What it costs", "information", "came", at=text.index("came to c") + 2, channel="online")
    make.beside(first, "It stalls", "obstacle", "we", at=text.index("came to f"))
    version = make.draft(in_workspace, designer)
    needs = {need.name: need for need in StageNeed.objects.filter(stage__version=version).select_related("stage")}
    assert [(needs[name].stage.position, needs[name].kind) for name in ("Finance", "What it costs", "It stalls")] == [
        (0, "role"),
        (1, "information"),
        (2, "obstacle"),
    ]
    assert needs["What it costs"].channel == "online"
    assert needs["Finance"].told == 1


def test_days_come_from_dated_moments(in_workspace, designer):
    for _ in range(3):
        make.tell(in_workspace, list("abcd"), jobs=make.CHECK_JOBS, days=[0, 4, 10, None])
    version = make.draft(in_workspace, designer, stages=2)
    assert version.days_between_moments == 5.0
    assert [stage.typical_days for stage in version.stages.all()] == [10.0, None]


def test_job_derives_a_draft_and_leads_to_it(in_workspace, designer):
    make.check_interviews(in_workspace)
    process = make.process(in_workspace)
    job = services.derive_start(process=process, actor=designer)
    job_run(job_id=job.pk, work=services.derive_from_job)
    job.refresh_from_db()
    version = Version.objects.get()
    assert (job.state, job.done, job.total) == ("done", 5, 5)
    assert job.result_url == version.get_absolute_url()
    assert job.result == {"process": process.pk, "version": version.pk, "number": 1}


def test_second_derivation_leaves_the_first_draft_alone(in_workspace, designer):
    version = make.draft(in_workspace, designer)
    stage = version.stages.first()
    services.stage_rename(stage=stage, name="Something has to give", actor=designer)
    again = services.version_derive(process=version.process, interviews=Interview.objects.all(), actor=designer)
    stage.refresh_from_db()
    assert stage.name == "Something has to give"
    assert again.number == 2
