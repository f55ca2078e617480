import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from buying_process import services
from core import scope
from tests.factories import buying_process as make
from tests.factories.deals import live_version


@pytest.fixture
def client(client_of, designer):
    return client_of(designer)


def queries(client, url, **extra):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url, **extra).status_code == 200
    return len(captured)


def test_list_costs_the_same_for_one_and_three_processes(client, workspace, designer):
    with scope.in_workspace(workspace.pk):
        make.draft(workspace, designer)
    url = reverse("buying_process:list")
    client.get(url)
    one = queries(client, url)
    with scope.in_workspace(workspace.pk):
        make.draft(workspace, designer, name="Second")
        make.draft(workspace, designer, name="Third")
    assert queries(client, url) == one


def test_map_and_panels_cost_the_same_for_three_stages_and_six(client, workspace, designer):
    with scope.in_workspace(workspace.pk):
        small = make.draft(workspace, designer, stages=3)
        large = make.draft(workspace, designer, name="Second", stages=6)
        for version in (small, large):
            for stage in version.stages.all()[: 1 if version == small else 3]:
                services.stage_need_add(stage=stage, kind="role", name="Finance", actor=designer)
                services.stage_activity_add(
                    stage=stage, name="Guide", actor_kind="sales", purpose="independent", actor=designer
                )
        pages = [
            (
                version.get_absolute_url(),
                reverse("buying_process:chaos", args=[version.process_id, version.number]),
                reverse("buying_process:information", args=[version.process_id, version.number]),
                reverse("buying_process:checks", args=[version.process_id, version.number]),
                reverse("buying_process:stage", args=[version.process_id, version.number, version.stages.first().pk]),
                reverse(
                    "buying_process:transition",
                    args=[version.process_id, version.number, version.transitions.filter(seen__gt=0).first().pk],
                ),
            )
            for version in (small, large)
        ]
    client.get(pages[0][0])
    costs = [[queries(client, url) for url in urls] for urls in pages]
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 25


def test_page_of_a_live_version_takes_fifteen_queries(client, workspace, designer):
    with scope.in_workspace(workspace.pk):
        version = live_version(workspace, designer)
    client.get(version.get_absolute_url())
    assert queries(client, version.get_absolute_url()) == 15
