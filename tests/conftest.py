"""What every test may ask for: people of a workspace, a stranger, signed-in clients."""

import os
import pickle
from contextlib import ExitStack
from functools import wraps

import pytest
from django.db import connections
from django.test import Client
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from accounts.choices import Role
from buying_process.services import derivation
from core import scope
from tests.e2e.site import MIGRATED, migrated_database
from tests.factories.accounts import MembershipFactory, WorkspaceFactory
from tests.setup.conftest import first_start

# Enough for a run at every change; another seed each time, so that runs add up.
settings.register_profile("often", max_examples=40)
settings.load_profile("often")
TOGETHER = {"e2e": "browser", "faults": "processes", "setup": "processes"}


def pytest_collection_modifyitems(items):
    """Mark tests by their folder."""
    for item in items:
        for name in ("e2e", "faults"):
            if name in item.path.parts:
                item.add_marker(getattr(pytest.mark, name))


class ByFolder(LoadScopeScheduling):
    """Keep tests that share a browser, or that kill processes, in one worker each; others go wherever there is time."""

    def _split_scope(self, nodeid: str) -> str:
        folders = nodeid.partition("::")[0].split("/")
        return next((group for folder, group in TOGETHER.items() if folder in folders), nodeid)


def pytest_xdist_make_scheduler(config, log):
    """Group by folder, not by a mark: xdist 3.8 reads no groups of pytest 9.2's items."""
    return ByFolder(config, log)


def pytest_xdist_setupnodes(config, specs):
    """Migrate once, before there are workers: each of their databases begins as a copy."""
    ended = ExitStack()
    config.add_cleanup(ended.close)
    os.environ[MIGRATED] = ended.enter_context(migrated_database())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Begin the tests' database as a copy of one that is migrated, where there is one."""
    for connection in connections.all():
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get(MIGRATED)


@pytest.fixture(scope="session", autouse=True)
def derived_before():
    """Work out once in a run what hundreds of tests derive from the same interviews: the same figures, sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derivation, "embed", remembered(derivation.embed))
        patch.setattr(derivation.stability, "bootstrap", remembered(derivation.stability.bootstrap))
        yield


def remembered(compute):
    """Give the same answer to the same question; each is a copy, for who asks to change."""
    known = {}

    @wraps(compute)
    def answer(*asked, **by_name):
        key = pickle.dumps((asked, by_name))
        if key not in known:
            known[key] = pickle.dumps(compute(*asked, **by_name))
        return pickle.loads(known[key])

    return answer


@pytest.fixture
def workspace(db):
    return WorkspaceFactory()


@pytest.fixture
def in_workspace(workspace):
    """Run the test in the workspace, as a request of one of its members would."""
    with scope.in_workspace(workspace.pk):
        yield workspace


@pytest.fixture
def designer(workspace):
    return MembershipFactory(workspace=workspace, role=Role.DESIGNER, user__full_name="Dora Designer")


@pytest.fixture
def rep(workspace):
    return MembershipFactory(workspace=workspace, role=Role.REP, user__full_name="Rolf Rep")


@pytest.fixture
def colleague(workspace):
    """Another rep of the same workspace."""
    return MembershipFactory(workspace=workspace, role=Role.REP, user__full_name="Cora Colleague")


@pytest.fixture
def manager(workspace):
    return MembershipFactory(workspace=workspace, role=Role.MANAGER, user__full_name="Mona Manager")


@pytest.fixture
def admin(workspace):
    return MembershipFactory(workspace=workspace, role=Role.ADMIN, user__full_name="Abel Admin")


@pytest.fixture
def outsider(db):
    """A designer of another workspace."""
    return MembershipFactory(role=Role.DESIGNER, user__full_name="Olaf Outsider")


@pytest.fixture
def client_of():
    """Give a client signed in as a membership."""

    def sign_in(membership) -> Client:
        client = Client()
        client.force_login(membership.user)
        session = client.session
        session["membership"] = membership.pk
        session.save()
        return client

    return sign_in


@pytest.fixture(scope="session")
def first_data():
    """The data that a first start leaves, with the demo in them: made once, for others to begin with a copy."""
    with first_start() as data:
        yield data
