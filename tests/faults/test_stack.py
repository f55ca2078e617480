"""Faults of the running stack: nothing lost, nothing wrong, back in time."""

import os
import signal


def test_f2_whole_worker_killed(rig):
    rig.disturb()
    for pid in [*rig.children_of_worker(), rig.worker()]:
        os.kill(pid, signal.SIGKILL)
    rig.wait_until_clean(seconds=35)
