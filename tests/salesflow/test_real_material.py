"""The whole path on material made by others, where it lies beside the project: accounts of purchases, a CRM export."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count

from buying_process.models import Stage, StageActivity, Transition
from buying_process.services.derivation import version_derive
from buying_process.services.processes import process_create
from buying_process.services.publishing import version_publish
from crm.services.imports import import_map_values, import_run, import_start, import_upload
from deals.choices import Reason
from deals.models import Alignment, Deal
from deals.services.alignment import alignments_recompute_stale
from deals.services.facts import deal_log_signal, deal_log_stage
from interviews.models import Excerpt, Interview
from interviews.selectors import moment_views
from jobs.services import job_run

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="the real material does not lie beside this checkout"),
]


def described(version) -> str:
    """Give the stage model as lines of text."""
    lines = [f"cyclic share {version.cyclic_share:.2f}"]
    for stage in Stage.objects.filter(version=version):
        names = StageActivity.objects.filter(stage=stage).values_list("name", "told")
        lines.append(f"{stage.position}. {stage.name} ({stage.told} told this)")
        lines += [f"   - {name} ({told:g})" for name, told in names]
        exits = Transition.objects.filter(from_stage=stage).select_related("to_stage")
        lines += [f"   > {exit_.share:.0%} {exit_.to_stage or exit_.outcome} (seen {exit_.seen:g})" for exit_ in exits]
    return "\n".join(lines)


def assert_codings_and_timelines_are_plausible():
    coded = Excerpt.objects.filter(code__kind="activity").values("answer__interview__external_id")
    numbers = {row["answer__interview__external_id"]: row["number"] for row in coded.annotate(number=Count("pk"))}
    stories = {made.external_id: moment_views(made) for made in Interview.objects.all()}
    assert len(stories) == len(list((DATA / "interviews").glob("*.txt"))) == 18
    assert {name: number for name, number in numbers.items() if not 6 <= number <= 25} == {}
    assert {name: len(story) for name, story in stories.items() if len(story) < 4} == {}
    assert sum(any(moment.is_return for moment in story) for story in stories.values()) > len(stories) / 2


def test_from_real_accounts_to_scored_deals(in_workspace, designer, rep, capsys):
    call_command(
        "load_interviews",
        str(DATA / "interviews"),
        workspace=in_workspace.slug,
        accept_over=0.45,
        email=designer.user.email,
        verbosity=0,
    )
    assert_codings_and_timelines_are_plausible()

    process = process_create(name="How public bodies buy software", actor=designer)
    version = version_derive(process=process, interviews=Interview.objects.all(), actor=designer)
    assert 3 <= Stage.objects.filter(version=version).count() <= 12
    assert Transition.objects.filter(from_stage__version=version, to_stage__isnull=False).exists()
    version_publish(version=version, actor=designer, move_deals=False)
    version.refresh_from_db()
    with capsys.disabled():
        print("\n" + described(version))

    stages = list(Stage.objects.filter(version=version))
    found = import_upload(
        actor=designer, name="sales_pipeline.csv", content=(DATA / "crm" / "sales_pipeline.csv").read_bytes()
    )
    assert found.version == version
    stage_values = found.stage_mapping | {
        "Prospecting": f"stage:{stages[0].pk}",
        "Engaging": f"stage:{stages[1].pk}",
    }
    import_map_values(deal_import=found, actor=designer, stages=stage_values, owners={"Moses Frase": rep.pk})
    for changed in (8800, 0):
        job = import_start(deal_import=found, actor=designer, dry_run=False)
        job_run(job_id=job.pk, work=import_run)
        job.refresh_from_db()
        assert job.result == {"created": changed, "changed": 0, "unchanged": 8800 - changed, "refused": 0}
    outcomes = Deal.objects.values_list("outcome", flat=True)
    assert {outcome: list(outcomes).count(outcome) for outcome in set(outcomes)} == {
        "won": 4238,
        "lost": 2473,
        "open": 2089,
    }

    assert alignments_recompute_stale(seconds=300) == 8800
    assert set(Alignment.objects.values_list("reason", flat=True)) == {Reason.NO_EVIDENCE}
    deal = Deal.objects.filter(owner=rep, outcome="open").first()
    activity = StageActivity.objects.filter(stage=stages[1]).first()
    deal_log_stage(deal=deal, stage=stages[1], actor=rep)
    deal_log_signal(deal=deal, activity=activity, word="confirmed", actor=rep)
    assert alignments_recompute_stale(seconds=60) == 1
    alignment = Alignment.objects.get(deal=deal)
    assert alignment.score is not None
    assert alignment.likely_stage == stages[1]
