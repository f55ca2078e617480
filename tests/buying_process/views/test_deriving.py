import pytest
from django.urls import reverse

from buying_process import services
from buying_process.models import StageActivity, Version
from buying_process.services.derivation import Asked, version_derive
from interviews.models import Interview, Segment
from jobs.models import Job
from jobs.services import job_run
from tests.factories import buying_process as make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


@pytest.fixture
def client(client_of, designer):
    return client_of(designer)


@pytest.fixture
def proposal(draft, designer):
    make.tell(draft.workspace, list("abgcdef"), customer="Newer", jobs=make.CHECK_JOBS)
    return version_derive(
        process=draft.process, interviews=Interview.objects.all(), asked=Asked(beside=draft), actor=designer
    )


def address(name, draft):
    return reverse(f"buying_process:{name}", args=[draft.process_id, draft.number])


def text(answer):
    return " ".join(answer.content.decode().split())


def test_page_offers_interviews_segments_and_drafts(client, draft, designer):
    services.stage_rename(stage=draft.stages.first(), name="Other", actor=designer)
    page = text(client.get(reverse("buying_process:derive", args=[draft.process_id])))
    assert "Leave out Customer 1" in page
    assert "A proposal beside draft 1, 1 edit" in page
    assert "No segment yet" in page


def test_choices_reach_the_job(client, draft, designer):
    services.stage_rename(stage=draft.stages.first(), name="Other", actor=designer)
    out = Interview.objects.get(customer="Customer 5")
    answer = client.post(
        reverse("buying_process:derive", args=[draft.process_id]),
        {"beside": draft.pk, "left_out": [out.pk], "deal_weight": "0.5"},
    )
    assert answer.status_code == 302
    asked = Job.objects.get().arguments
    assert (asked["beside_id"], asked["left_out"], asked["deal_weight"]) == (draft.pk, [out.pk], 0.5)
    job_run(job_id=Job.objects.get().pk, work=services.derive_from_job)
    assert Version.objects.get(proposed_for=draft).interviews.count() == 4
    assert Job.objects.get().result_url == address("proposal", draft)


def test_choices_that_do_not_hold_are_refused_in_the_form(client, draft):
    url = reverse("buying_process:derive", args=[draft.process_id])
    assert client.post(url, {"deal_weight": "99"}).status_code == 422
    everyone = list(Interview.objects.values_list("pk", flat=True))
    answer = client.post(url, {"left_out": everyone})
    assert answer.status_code == 422
    assert "at least 3 interviews" in text(answer)
    assert "checked" in text(answer)


def test_process_page_derives_a_proposal_once_people_shaped_the_draft(client, draft, designer):
    services.stage_rename(stage=draft.stages.first(), name="Other", actor=designer)
    page = text(client.get(draft.process.get_absolute_url()))
    assert "Derive a proposal" in page
    assert f'name="beside" value="{draft.pk}"' in page


def test_segments_are_derived_and_compared(client, in_workspace, designer):
    segments = [Segment.objects.create(workspace=in_workspace, name=name) for name in ("Mills", "Mines")]
    for segment, story in zip(segments, ["abcd", "acbe"], strict=True):
        for number in range(3):
            make.tell(in_workspace, list(story), customer=f"{segment.name} {number}", segment=segment)
    process = make.process(in_workspace)
    url = reverse("buying_process:segments", args=[process.pk])
    assert client.post(url, {"segments": [segment.pk for segment in segments]}).status_code == 302
    job = Job.objects.get()
    job_run(job_id=job.pk, work=services.segments_from_job)
    job.refresh_from_db()
    page = text(client.get(job.result_url))
    assert "Draft 1: Mills" in page
    assert "Draft 2: Mines" in page
    assert page.count("only here") == 2
    again = services.segments_start(process=process, segments=segments, actor=designer)
    job_run(job_id=again.pk, work=services.segments_from_job)
    assert Version.objects.count() == 2  # what fits is used again


def test_segment_with_too_few_stories_is_refused_by_its_name(client, in_workspace, draft):
    segments = [Segment.objects.create(workspace=in_workspace, name=name) for name in ("Mills", "Mines")]
    url = reverse("buying_process:segments", args=[draft.process_id])
    answer = client.post(url, {"segments": [segment.pk for segment in segments]})
    assert answer.status_code == 422
    assert "Mills: Deriving a process takes at least 3 interviews" in text(answer)
    assert client.post(url, {"segments": [segments[0].pk]}).status_code == 422


def test_run_page_shows_the_record_and_repeats_it(client, draft):
    url = address("run", draft)
    page = text(client.get(url))
    assert "Repeat this run" in page
    assert page.count("Customer ") >= 5
    assert client.post(url).status_code == 302
    job_run(job_id=Job.objects.get(kind="repeat").pk, work=services.repeat_from_job)
    assert "The same result, from the same inputs." in text(client.get(url))


def test_run_page_of_a_version_made_by_hand_says_so(client, draft):
    draft.run.delete()
    assert "was not derived here" in text(client.get(address("run", draft)))


def test_version_page_leads_to_its_proposal(client, draft, proposal):
    page = text(client.get(draft.get_absolute_url()))
    assert address("proposal", draft) in page
    assert " proposals</a>" in page


def test_parts_are_taken_and_refused_one_by_one(client, draft, proposal):
    page = client.get(address("proposal", draft))
    found = page.context["proposal"]
    key = next(part.key for part in found.open if part.way == "new" and part.group == "activity")
    answer = client.post(address("proposal_refuse", draft), {"part": key}, headers=HTMX)
    assert "Take it after all" in text(answer)
    answer = client.post(address("proposal_take", draft), {"part": key}, headers=HTMX)
    assert "is in the draft" in answer.headers["HX-Trigger"]
    assert StageActivity.objects.filter(stage__version=draft, name="g").exists()
    again = client.post(address("proposal_take", draft), {"part": key}, headers=HTMX)
    assert again.status_code == 409


def test_all_parts_are_taken_without_scripts(client, draft, proposal):
    answer = client.post(address("proposal_take", draft), follow=True)
    assert "Every part is decided" in text(answer)


def test_proposal_is_kept_or_discarded(client, draft, proposal):
    assert client.post(address("proposal_keep", draft)).status_code == 302
    proposal.refresh_from_db()
    assert proposal.proposed_for is None
    assert client.get(address("proposal", draft)).status_code == 404


@pytest.mark.parametrize("name", ["proposal_take", "proposal_refuse", "proposal_keep", "proposal_discard"])
def test_manager_decides_nothing(name, client_of, manager, draft, proposal):
    assert client_of(manager).post(address(name, draft)).status_code in {403, 404}
    assert client_of(manager).get(address("proposal", draft)).status_code in {403, 404}


def test_comparison_says_what_changed(client, draft, designer):
    copy = services.version_copy(version=draft, actor=designer)
    first, second, _ = copy.stages.order_by("position")
    services.stage_rename(stage=first, name="Something has to give", actor=designer)
    services.stage_activity_move(
        activity=StageActivity.objects.get(stage=first, name="b"), stage=second, actor=designer
    )
    url = f"{reverse('buying_process:compare')}?version={draft.pk}&version={copy.pk}"
    page = text(client.get(url))
    assert "is called “Something has to give”" in page
    assert "From “Recognise: a” to “Solve: c”." in page
    assert "points" in page


def test_comparison_asks_for_two_to_four_versions_that_one_may_see(client, client_of, manager, draft, outsider):
    url = reverse("buying_process:compare")
    assert client.get(url).status_code == 200
    assert client.get(f"{url}?version={draft.pk}").status_code == 422
    assert client.get(f"{url}?version={draft.pk}&version=nonsense").status_code == 422
    assert client_of(manager).get(f"{url}?version={draft.pk}&version={draft.pk}").status_code == 422
    assert client_of(outsider).get(f"{url}?version={draft.pk}&version={draft.pk}").status_code == 422
