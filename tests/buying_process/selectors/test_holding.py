"""Which stages hold with other customers, as the page of the interviews loads it."""

from django.urls import reverse

from buying_process import selectors, services
from buying_process.models import Hearing, Stage, StageActivity
from interviews.models import Segment
from jobs.models import Job
from jobs.services import job_run
from tests.factories import buying_process as make

URL = "buying_process:stages_held"


def words(response):
    return " ".join(response.content.decode().split())


def test_stages_of_the_newest_derivation_are_put_in_words(in_workspace, designer, django_assert_num_queries):
    draft = make.draft(in_workspace, designer)
    for position, stability in enumerate((0.9, 0.6, 0.59)):
        Stage.objects.filter(version=draft, position=position).update(stability=stability)
    make.tell(in_workspace, "ab", "won")
    with django_assert_num_queries(12):
        held = selectors.stages_held(designer)
    assert held.version == draft
    assert [one.word for one in held.stages] == ["solid", "shaky", "falls apart"]
    assert (held.solid, len(held.weak), held.interviews, held.newer) == (1, 2, 5, 1)
    Stage.objects.filter(version=draft).update(stability=None)
    assert {one.word for one in selectors.stages_held(designer).stages} == {"not known"}


def test_fragment_is_a_page_without_scripts_and_asks_to_derive(in_workspace, designer, manager, outsider, client_of):
    food = Segment.objects.create(workspace=in_workspace, name="Food")
    dora, mona = client_of(designer), client_of(manager)
    assert "Nothing was derived from all interviews yet. <a" in words(dora.get(reverse(URL)))
    draft = make.draft(in_workspace, designer)
    part = words(dora.get(reverse(URL), headers={"HX-Request": "true"}))
    assert "of 3 stages" in part
    assert "<html" not in part
    assert reverse("buying_process:stage", args=[draft.process_id, draft.number, draft.stages.first().pk]) in part
    assert "Nothing was derived" in words(mona.get(reverse(URL)))  # a draft is for those who shape it
    assert "No process was derived from Food alone" in words(dora.get(reverse(URL), {"segment": food.pk}))
    draft.derivation |= {"segment_id": food.pk}
    draft.save()
    assert "of 3 stages" in words(dora.get(reverse(URL), {"segment": food.pk}))
    assert "Nothing was derived" in words(dora.get(reverse(URL)))
    assert client_of(outsider).get(reverse(URL), {"segment": food.pk}).status_code == 404
    assert {dora.get(reverse(URL), {"segment": wrong}).status_code for wrong in ("9" * 5000, "x", "٣")} == {404}


def work_off(job):
    job_run(job_id=job.pk, work=services.holding_from_job)
    job.refresh_from_db()
    return job


def test_what_changed_is_drawn_anew_in_a_job_and_kept(in_workspace, designer, client_of):
    """An activity is moved and an interview comes: the page posts by itself, shows the job, and then what it found."""
    dora, part = client_of(designer), {"HX-Request": "true"}
    draft = make.draft(in_workspace, designer)
    assert selectors.stages_held(designer).current
    assert "hx-post" not in words(dora.get(reverse(URL), headers=part))
    first, last = draft.stages.first(), draft.stages.last()
    StageActivity.objects.filter(stage=first, code__name="a").update(stage=last)
    make.tell(in_workspace, "abcdef", "won")

    assert 'hx-trigger="load, submit"' in words(dora.get(reverse(URL), headers=part))
    shown = words(dora.post(reverse(URL), headers=part))
    assert 'hx-trigger="every 2s"' in shown
    assert "Working it out with the interviews of today" in shown
    assert dora.post(reverse(URL)).status_code == 302
    (job,) = Job.objects.filter(kind="holding")
    assert work_off(job).state == "done"
    held = selectors.stages_held(designer)
    assert (held.current, held.interviews, held.newer, held.job) == (True, 6, 1, None)
    assert held.stages[0].overlap != first.stability
    assert "every 2s" not in words(dora.get(reverse(URL), headers=part))
    dora.post(reverse(URL))
    assert Job.objects.filter(kind="holding").count() == 1
    make.tell(in_workspace, "ab", "lost")
    again = services.holding_start(version=draft, inputs=selectors.stages_held(designer).inputs, actor=designer)
    assert work_off(again).state == "done"
    assert Hearing.objects.count() == 1


def test_what_cannot_be_drawn_says_why_and_is_not_tried_again_by_itself(in_workspace, designer, client_of):
    draft = make.draft(in_workspace, designer)
    draft.derivation |= {"left_out": list(draft.interviews.values_list("pk", flat=True))}
    draft.save()
    job = services.holding_start(version=draft, inputs=selectors.stages_held(designer).inputs, actor=designer)
    assert work_off(job).state == "failed"
    shown = words(client_of(designer).get(reverse(URL)))
    assert "at least 3 interviews" in shown
    assert 'hx-trigger="submit"' in shown
