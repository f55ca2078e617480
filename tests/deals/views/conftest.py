"""A live version, a deal that goes by it, and rows of deals."""

import pytest

from core import scope
from deals import services
from tests.factories import deals as factory


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)


@pytest.fixture
def deal(rep, version):
    made = factory.deal(rep, version, stage=factory.stage(version, 2), amount=184000, currency="EUR")
    factory.check_signals(made, version, rep)
    services.alignments_recompute_stale()
    return made


@pytest.fixture
def rows(rep, version):
    """Give a function that makes so many scored deals."""

    def make(count):
        deals = [
            factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, number % 3 + 1))
            for number in range(count)
        ]
        for each in deals:
            factory.check_signals(each, version, rep)
            services.deal_log_effort(deal=each, activity=factory.activity(version, "Help 2"), actor=rep)
            services.contact_add(deal=each, name="Ada", role=factory.need(version, "role", 1).code, actor=rep)
        services.alignments_recompute_stale()
        return deals

    return make
