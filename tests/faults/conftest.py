"""One whole stack for all faults, and beside it what only one test breaks."""

import pytest

from tests.faults.broker import Broker
from tests.faults.rig import Rig
from tests.setup.conftest import Checkout, make_checkout, place, short_folder

__all__ = ["make_checkout", "place"]


@pytest.fixture(scope="session")
def shared_rig(first_data):
    with short_folder() as folder:
        broker = Broker(folder).start()
        made = Checkout(folder / "checkout", folder).hold_application().copy_data(first_data)
        try:
            rig = Rig(made, broker)
            rig.wait_until_swept(seconds=60)
            yield rig
            rig.close()
        finally:
            made.close()
            broker.close()


@pytest.fixture
def rig(shared_rig):
    """The stack, with every score right before the fault; and after it nothing is lost and nothing wrong."""
    shared_rig.wait_until_clean(seconds=60)
    yield shared_rig
    shared_rig.wait_until_clean(seconds=60)
    shared_rig.assert_nothing_lost()
