"""The check example as the live version, within its workspace."""

import pytest

from core import scope
from tests.factories import deals as factory


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)
