"""A step that never ends or takes all memory fails by itself, and the process goes on."""

import threading
import time

import numpy as np
import pytest

from core.bounds import OutOfTimeError, bounded


def run_for_ever():
    while True:
        pass


def test_endless_loop_ends_in_time():
    began = time.monotonic()
    with pytest.raises(OutOfTimeError), bounded(seconds=0.2, megabytes=512):
        run_for_ever()
    assert time.monotonic() - began < 2


def test_step_that_takes_a_gigabyte_is_refused_it():
    with pytest.raises(MemoryError), bounded(seconds=20, megabytes=512):
        bytearray(2**30)
    assert bytearray(2**30), "afterwards nothing is bounded any more"


def test_step_within_its_bounds_is_left_alone():
    with bounded(seconds=20, megabytes=512):
        assert np.ones((2000, 2000)).sum() == 4_000_000


def test_other_threads_have_no_clock_of_ours():
    found = []

    def work():
        with bounded(seconds=0.01, megabytes=512):
            time.sleep(0.05)
            found.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]
