"""The pages of jobs: who sees which, how they ask again, how they stop asking."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import scope
from jobs.choices import JobState
from jobs.models import Job
from tests.factories.jobs import JobFactory

HTMX = {"HX-Request": "true"}


def url_of(job, name="detail"):
    return reverse(f"jobs:{name}", args=[job.pk])


def text(response):
    return response.content.decode()


def test_job_is_its_starters_and_sales_ops(rep, colleague, designer, admin, outsider, client_of, client):
    url = url_of(JobFactory(started_by=rep))
    people = (rep, designer, colleague, admin, outsider)
    assert [client_of(person).get(url).status_code for person in people] == [200, 200, 404, 404, 404]
    assert client.get(url).status_code == 302


def test_running_job_shows_how_far_it_is_and_asks_again(rep, client_of):
    started = timezone.now() - timedelta(minutes=1)
    job = JobFactory(
        started_by=rep, state=JobState.RUNNING, done=40, total=120, started_at=started, message="Reading row 40"
    )
    body = text(client_of(rep).get(url_of(job), headers=HTMX))
    assert "<html" not in body
    for words in ('value="33"', "40 of 120", "about 2 minutes left", "Reading row 40", "You can leave this page"):
        assert words in body
    assert f'hx-get="{url_of(job)}" hx-trigger="every 1s"' in body
    assert f"<h2>{job.title}</h2>" in body
    own = text(
        client_of(rep).get(url_of(job), headers=HTMX | {"HX-Current-URL": f"http://testserver{url_of(job)}?a=b"})
    )
    for body in (text(client_of(rep).get(url_of(job))), own):
        assert "<h2>How far it is</h2>" in body, "the page's heading is the title"


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_job_that_is_over_asks_no_more(state, rep, client_of):
    job = JobFactory(started_by=rep, state=state, message="A sentence.", finished_at=timezone.now())
    body = text(client_of(rep).get(url_of(job), headers=HTMX))
    assert "hx-trigger" not in body
    assert "A sentence." in body


def test_done_job_leads_to_its_result(rep, client_of):
    job = JobFactory(started_by=rep, state=JobState.DONE, result_url="/deals/", finished_at=timezone.now())
    client = client_of(rep)
    assert 'href="/deals/"' in text(client.get(url_of(job)))
    response = client.get(url_of(job), {"then": "go"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == "/deals/"
    assert "HX-Redirect" not in client.get(url_of(job), headers=HTMX).headers


def test_cancel(rep, colleague, client_of):
    job = JobFactory(started_by=rep)
    assert client_of(colleague).post(url_of(job, "cancel")).status_code == 404
    assert client_of(rep).get(url_of(job, "cancel")).status_code == 405
    assert "cancelled" in text(client_of(rep).post(url_of(job, "cancel"), headers=HTMX))
    with scope.in_workspace(job.workspace_id):
        assert Job.objects.get().state == JobState.CANCELLED


def test_cancel_without_scripts_goes_back_to_the_job(rep, client_of):
    job = JobFactory(started_by=rep, state=JobState.RUNNING, beat_at=timezone.now())
    assert client_of(rep).post(url_of(job, "cancel")).headers["Location"] == url_of(job)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_in_the_same_number_of_queries(rows, designer, rep, client_of, django_assert_num_queries):
    for _ in range(rows):
        JobFactory(started_by=rep)
    client = client_of(designer)
    client.get(reverse("jobs:list"))
    with django_assert_num_queries(6):
        response = client.get(reverse("jobs:list"))
    assert len(response.context["page"].object_list) == rows


def test_list_is_ones_own_but_for_sales_ops(designer, rep, colleague, outsider, client_of):
    JobFactory(started_by=rep)
    JobFactory(started_by=colleague)
    url = reverse("jobs:list")
    asks = 'hx-trigger="every 5s"'
    assert asks in text(client_of(designer).get(url, headers=HTMX)), "the list keeps itself true"
    with scope.in_workspace(rep.workspace_id):
        Job.objects.update(state=JobState.DONE)
    assert asks not in text(client_of(designer).get(url))
    seen = [len(client_of(person).get(url).context["page"].object_list) for person in (designer, rep, outsider)]
    assert seen == [2, 1, 0]


@pytest.mark.parametrize(
    ("fields", "percent", "left"),
    [
        ({"state": JobState.QUEUED, "total": 10}, 0, ""),
        ({"state": JobState.RUNNING, "total": 0}, None, ""),
        ({"state": JobState.RUNNING, "total": 10, "done": 10}, 99, "less than a minute left"),
        ({"state": JobState.RUNNING, "total": 10, "done": 5}, 50, "about 1 minute left"),
        ({"state": JobState.DONE, "total": 0}, 100, ""),
    ],
)
def test_percent_and_time_left(fields, percent, left):
    job = Job(started_at=timezone.now() - timedelta(seconds=70), **fields)
    assert (job.percent, job.left_in_words) == (percent, left)
