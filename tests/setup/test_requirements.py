"""The pinned packages fit what was asked for, come with hashes, and name no place to fetch them from."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.setup.conftest import PROJECT

FOLDER = PROJECT / "requirements"
PARTS = ("base", "embedded", "dev")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def asked_for(part):
    lines = [line.partition("#") for line in (FOLDER / f"{part}.in").read_text().splitlines()]
    return [
        (Requirement(line.strip()), reason.strip())
        for line, _, reason in lines
        if line.strip() and not line.startswith("-")
    ]


def pinned(part):
    return {canonicalize_name(name): version for name, version in PIN.findall((FOLDER / f"{part}.txt").read_text())}


@pytest.mark.parametrize("part", PARTS)
def test_pins_fit_what_was_asked_for(part):
    pins = {name: version for known in PARTS[: PARTS.index(part) + 1] for name, version in pinned(known).items()}
    unfit = [str(wanted) for wanted, _ in asked_for(part) if not _fits(wanted, pins)]
    assert unfit == []


def _fits(wanted, pins):
    version = pins.get(canonicalize_name(wanted.name))
    return version is not None and wanted.specifier.contains(version, prereleases=True)


@pytest.mark.parametrize("part", PARTS)
def test_every_pin_has_a_hash(part):
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (FOLDER / f"{part}.txt").read_text().strip())
    assert len(blocks) == len(PIN.findall("\n".join(blocks)))
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("part", PARTS)
def test_no_file_names_an_address(part):
    assert "://" not in (FOLDER / f"{part}.txt").read_text()
    assert "://" not in (FOLDER / f"{part}.in").read_text()


def test_parts_agree_on_versions():
    base = pinned("base")
    for part in ("embedded", "dev"):
        assert {name: version for name, version in pinned(part).items() if base.get(name, version) != version} == {}


def test_every_dependency_of_the_application_says_why_it_is_there():
    assert [str(wanted) for wanted, reason in asked_for("base") if not reason] == []
