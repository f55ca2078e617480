"""`script/server`'s programs together, from this project's own code: one address, nothing left, workers that work."""

import http.client
import re
import shutil
import signal
import socket

import pytest

from tests.setup.conftest import living, wait_for

pytestmark = pytest.mark.slow

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


@pytest.fixture
def whole(checkout, first_data):
    """A checkout with the whole application, where the demo is loaded already."""
    return checkout.hold_application().copy_data(first_data)


def start(checkout, parts="postgres,valkey,demo,web,worker,beat", **environment):
    return checkout.start("--only", parts, **environment)


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_one_address_that_answers_a_worker_that_works_and_no_trace(whole):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # somebody else has it: just as well
        before = whole.outside()
        run = start(whole).wait_until_ready("SalesFlow is ready", seconds=240)
    addresses = ADDRESS.findall(run.output)
    assert len(addresses) == 1
    assert "look-around-freely" in run.output  # the demo's password
    port = int(addresses[0])
    assert port != 8000
    assert get(port, "/healthz/ready") == 200
    assert get(port, "/accounts/login/") == 200
    assert run.record["address"] == f"http://127.0.0.1:{port}"
    beats = whole.data / "log" / "worker.log"
    wait_for(lambda: "succeeded" in beats.read_text(), seconds=90, what="a finished task")
    processes = run.family()
    assert run.stop(signal.SIGINT) == 0
    assert living(processes) == set()
    assert whole.outside() - before == set()


def test_wanted_port_that_is_taken_is_said(whole):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start(whole, PORT=str(port))
        assert run.process.wait(20) == 1
    assert f"Port {port} is taken" in run.output


@pytest.mark.faults
def test_killed_whole_stack_leaves_nothing_within_five_seconds(whole):
    parts = "postgres,valkey,web,worker,beat"
    run = start(whole, parts).wait_until_ready("SalesFlow is ready", seconds=240)
    wait_for(lambda: "ready" in (whole.data / "log" / "worker.log").read_text(), seconds=30, what="the worker")
    processes = run.family()
    assert len(processes) > 12
    run.stop(signal.SIGKILL)
    wait_for(lambda: not living(processes), seconds=5, what="all processes gone")
    shutil.rmtree(whole.data / "log")
    again = start(whole, parts).wait_until_ready("SalesFlow is ready", seconds=60)
    assert get(int(ADDRESS.findall(again.output)[0]), "/healthz/ready") == 200
