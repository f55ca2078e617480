"""`script/bootstrap` on a small project: what it installs, what it skips, what an interruption does."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.setup.conftest import PROJECT, wait_for

PARTS = {"part": "file:part"}
PACKAGE = {"name": "probe", "private": True, "scripts": {"build": "node build.mjs"}, "dependencies": PARTS}
LOCK = {
    "name": "probe",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "probe", "dependencies": PARTS},
        "node_modules/part": {"resolved": "part", "link": True},
        "part": {"version": "1.0.0"},
    },
}
BUILD = """
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
while (existsSync("wait")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
mkdirSync("dist", { recursive: true });
writeFileSync("dist/app.js", "// built");
"""


def make_wheel(folder, version):
    """Write a wheel of one module and give the line of requirements that pins it."""
    path = folder / f"probe-{version}-py3-none-any.whl"
    info = f"probe-{version}.dist-info"
    files = {
        "probe.py": f'version = "{version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: probe\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            wheel.writestr(name, content)
    return f"probe=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Project:
    """A project of one package and a front end of one file, set up by our own scripts."""

    def __init__(self, folder):
        self.folder = folder
        self.wheels, self.home = folder.parent / "wheels", folder.parent / "home"
        shutil.copytree(PROJECT / "script", folder / "script", ignore=shutil.ignore_patterns("__pycache__"))
        for made in (self.wheels, self.home, folder / "requirements", folder / "frontend"):
            made.mkdir()
        self.require("1.0")
        for name in ("embedded", "dev"):
            (folder / "requirements" / f"{name}.txt").write_text("")
        (folder / "frontend" / "package.json").write_text(json.dumps(PACKAGE))
        (folder / "frontend" / "package-lock.json").write_text(json.dumps(LOCK))
        (folder / "frontend" / "part").mkdir()
        (folder / "frontend" / "part" / "package.json").write_text('{"name": "part", "version": "1.0.0"}')
        (folder / "frontend" / "build.mjs").write_text(BUILD)

    def require(self, version):
        (self.folder / "requirements" / "base.txt").write_text(make_wheel(self.wheels, version))

    def start(self):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PIP_NO_INDEX": "1"}
        return subprocess.Popen(
            [self.folder / "script" / "bootstrap"],
            env={**environment, "PIP_FIND_LINKS": str(self.wheels)},
            cwd=self.folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def set_up(self):
        with self.start() as process:
            output = process.communicate(timeout=120)[0]
        steps = [line for line in output.splitlines() if line and line[0].isupper()]
        return process.returncode, [line for line in steps if not line.startswith("Set up after")]

    def installed(self):
        python = self.folder / ".venv" / "bin" / "python"
        return subprocess.check_output([python, "-c", "import probe; print(probe.version)"], text=True).strip()


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "a project")


def test_set_up_once_then_only_what_changed(project):
    first = ["Making .venv for the Python packages", "Installing 1 Python packages (base.txt, embedded.txt)"]
    assert project.set_up() == (0, [*first, "Fetching the front end's parts", "Building the front end"])
    assert project.installed() == "1.0"
    assert (project.folder / "frontend" / "dist" / "app.js").read_text() == "// built"

    assert project.set_up() == (0, [])

    project.require("2.0")
    assert project.set_up() == (0, ["Installing 1 Python packages (base.txt, embedded.txt)"])
    assert project.installed() == "2.0"

    (project.folder / "page.html").write_text('{% icon "plus" %}')
    assert project.set_up() == (0, ["Building the front end"])
    shutil.rmtree(project.folder / "frontend" / "dist")
    assert project.set_up() == (0, ["Building the front end"])
    assert project.set_up() == (0, [])


def test_moved_project_is_set_up_anew(project):
    project.set_up()
    project.folder = project.folder.rename(project.folder.with_name("elsewhere"))
    code, said = project.set_up()
    assert (code, said[0]) == (0, "Making .venv anew")
    assert project.installed() == "1.0"


@pytest.mark.faults
def test_interrupted_set_up_goes_on_at_the_next_start(project):
    (project.folder / "frontend" / "wait").touch()
    with project.start() as process:
        wait_for(lambda: process.stdout.readline().startswith("Building"), seconds=60, what="the build")
        process.send_signal(signal.SIGKILL)
    (project.folder / "frontend" / "wait").unlink()
    assert project.set_up() == (0, ["Building the front end"])
    assert project.set_up() == (0, [])


@pytest.mark.faults
def test_interrupted_installation_is_done_anew(project):
    project.set_up()
    stamps = project.folder / ".venv" / "set-up.json"
    content = json.loads(stamps.read_text())
    del content["packages"]
    stamps.write_text(json.dumps({**content, "installing": "yes"}))  # as it is while pip works
    for half in (project.folder / ".venv").glob("lib/python3*/site-packages/probe.py"):
        half.unlink()
    assert project.set_up()[0] == 0
    assert project.installed() == "1.0"


def test_package_with_another_hash_is_refused(project):
    (project.folder / "requirements" / "base.txt").write_text(f"probe==1.0 --hash=sha256:{'0' * 64}\n")
    code, said = project.set_up()
    assert code == 1
    assert said[-1].startswith("This step did not work: packages of base.txt.")


def test_python_that_is_too_old_is_named(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dirname", "sh"):
        (programs / name).symlink_to(shutil.which(name))
    old = programs / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        [PROJECT / "script" / "bootstrap"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("SalesFlow needs Python 3.11 or newer")


def test_every_script_is_a_program():
    scripts = [path for path in (PROJECT / "script").iterdir() if path.is_file() and not path.suffix]
    assert len(scripts) > 5
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []
    assert [path.name for path in scripts if not Path(path).read_bytes().startswith(b"#!")] == []
