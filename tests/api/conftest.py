"""Programs that call the API."""

import pytest
from rest_framework.test import APIClient

from core import scope
from interviews.models import Code, Interview, Segment
from tests.factories import buying_process, deals
from tests.factories.accounts import ApiTokenFactory
from tests.factories.jobs import JobFactory


def pytest_collection_modifyitems(items):
    """Give each operation's test an id of its own: of those with equal ids pytest-xdist would run one alone."""
    for item in items:
        name, _, operation = item.name.partition("[")
        if operation and item.nodeid.endswith(f"::{name}"):
            item._id = item.id.with_params(operation.removesuffix("]"))


@pytest.fixture
def api_of(db):
    """Give a client with a token of a membership."""

    def sign_in(membership) -> APIClient:
        secret = f"sfl_program-of-{membership.pk}"
        ApiTokenFactory(membership=membership, secret=secret)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return sign_in


@pytest.fixture
def anyone():
    """Give a client without a token."""
    return APIClient()


class World(dict):
    """Ids of rows that exist, by the first part of a path."""

    def __missing__(self, path):
        resource = path.removeprefix("/api/v1").strip("/").split("/")[0]
        draft = path.endswith("/publish/")
        return "" if resource == "bulk" else self["drafts" if draft else resource]


@pytest.fixture
def world(workspace, designer):
    """Give a workspace with a row of each resource."""
    with scope.in_workspace(workspace.pk):
        version = deals.live_version(workspace, designer)
        draft = buying_process.services.version_copy(version=version, actor=designer)
        segment = Segment.objects.create(workspace=workspace, name="Mid-size")
        deal = deals.deal(designer, version, external_id="crm-1", segment=segment, stage=deals.stage(version, 2))
        deals.check_signals(deal, version, designer)
        ids = {
            "codes": Code.objects.first().pk,
            "interviews": Interview.objects.first().pk,
            "processes": version.process_id,
            "versions": version.pk,
            "drafts": draft.pk,
            "deals": deal.pk,
            "jobs": JobFactory(started_by=designer).pk,
        }
    return World({name: str(pk) for name, pk in ids.items()})
