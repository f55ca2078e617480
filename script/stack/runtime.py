"""Where the stack keeps things: the data folder, its lock, the short folder of its sockets, its free port."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
LINUX = os.uname().sysname == "Linux"
LONGEST_FOLDER = 80
"""A socket's path must stay under 100 bytes, and PostgreSQL adds `/pg/.s.PGSQL.5432.lock` to the folder's."""


class StackError(Exception):
    """Something that a person has to change before the stack can run; its text says what."""


def say(text: str) -> None:
    print(text, flush=True)


def is_root() -> bool:
    return os.geteuid() == 0


def server_user() -> tuple[int, int]:
    """Give the user and group of the database servers: `nobody` under root (PostgreSQL refuses root), else ours."""
    if not is_root():
        return os.geteuid(), os.getegid()
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError("As root the database runs as the user `nobody`, which this machine does not have.") from None
    return nobody.pw_uid, nobody.pw_gid


def own_folder(path: Path) -> Path:
    """Make a folder of mode 0700 that belongs to the database servers' user."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if is_root():
        user, group = server_user()
        os.chown(path, user, group)
    return path


def _runtime_parents(data: Path) -> Iterator[Path]:
    if not is_root():  # as root the servers run as another user, who may not enter the project's folder
        yield data / "run"
        if configured := os.environ.get("XDG_RUNTIME_DIR"):
            yield Path(configured)
    yield Path(tempfile.gettempdir())
    yield from map(Path, ("/tmp", "/var/tmp", "/dev/shm"))  # noqa: S108 (a random name of mode 0700 is made within)


def _may_run_programs(folder: Path) -> bool:
    """Tell whether the servers' user may enter this folder and start a program there (it may be mounted noexec)."""
    probe = folder / "probe"
    probe.write_text("#!/bin/sh\nexit 0\n")
    probe.chmod(0o755)
    user, group = server_user()
    try:
        return (
            subprocess.run([str(probe)], user=user, group=group, extra_groups=[], cwd="/", check=False).returncode == 0
        )
    except OSError:
        return False
    finally:
        probe.unlink()


def make_runtime_folder(data: Path) -> Path:
    """Make a folder with a name of its own for the sockets (and, as root, for the servers' programs)."""
    for parent in _runtime_parents(data):
        if len(os.fsencode(parent)) + len("/salesflow-12345678") > LONGEST_FOLDER:
            continue
        try:
            if parent == data / "run":
                parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="salesflow-", dir=parent))
        except OSError:
            continue
        if not is_root():
            return folder
        folder.chmod(0o711)  # the servers' user passes through to what is inside, and can list and write nothing
        if _may_run_programs(folder):
            return folder
        folder.rmdir()
    raise StackError("No folder was found for the servers' sockets: set TMPDIR to one with a short path.")


def remove_tree(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


class Lock:
    """A lock on a folder that ends with the process that holds it, however that process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self, *, wait: float = 0.0) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= until:
                    os.close(handle)
                    return False
                time.sleep(0.05)
            else:
                self._file = handle
                return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def handle(self) -> int:
        if self._file is None:
            raise StackError("The lock is not held.")
        return self._file


class Record:
    """What the present run wrote down about itself: its process, its address, its runtime folder."""

    def __init__(self, data: Path) -> None:
        self.path = data / "run.json"

    def read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, **content: Any) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps({**self.read(), **content}))
        draft.replace(self.path)

    def forget_runtime(self) -> None:
        """Remove what a run that was killed left in its runtime folder."""
        left = self.read().get("runtime")
        if left and Path(left).name.startswith("salesflow-"):
            folder = Path(left)
            if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid():
                remove_tree(folder)
        self.write(runtime=None)


def listen(*, wanted: int | None, usual: int = 8000, before: int | None = None) -> socket.socket:
    """Open the web server's listening socket: the wanted port, or else the usual one, the one before, any."""
    for port in [wanted] if wanted else [usual, before or 0, 0]:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen(256)
        except OSError:
            listening.close()
            if wanted:
                raise StackError(f"Port {port} is taken by another program. Choose another with PORT=...") from None
        else:
            return listening
    raise StackError("No free port was found on 127.0.0.1.")


def secret_key(data: Path) -> str:
    """Give this checkout's own key, made at its first start and kept in its data folder."""
    path = data / "secret_key"
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.chmod(0o600)
        draft.write_text(secrets.token_urlsafe(50))
        draft.replace(path)
    return path.read_text().strip()


@contextmanager
def temporary_data(data: Path) -> Iterator[Path]:
    """Give a throw-away data folder under `data`/tmp; what earlier, killed runs left there is removed first."""
    parent = data / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.iterdir():
        _remove_abandoned(left)
    folder = Path(tempfile.mkdtemp(dir=parent))
    lock = Lock(folder / "lock")
    lock.take()
    try:
        yield folder
    finally:
        lock.release()
        remove_tree(folder)


def _remove_abandoned(folder: Path) -> None:
    if time.time() - folder.lstat().st_mtime < 1 and not (folder / "lock").exists():
        return  # somebody is making it right now
    if not stat.S_ISDIR(folder.lstat().st_mode):
        return
    lock = Lock(folder / "lock")
    if lock.take():
        Record(folder).forget_runtime()
        lock.release()
        remove_tree(folder)


def environment_of_programs() -> dict[str, str]:
    """Give what Python programs that we start need to behave alike whatever the caller's language settings."""
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def project_python() -> str:
    python = PROJECT / ".venv" / "bin" / "python"
    return str(python) if python.exists() else sys.executable


def packages_folder() -> Path:
    """Give the folder that the project's dependencies are installed in."""
    for folder in sorted((PROJECT / ".venv" / "lib").glob("python3.*/site-packages")):
        return folder
    raise StackError("Nothing is installed yet: run script/bootstrap.")
