"""The contracts of .importlinter hold, and none of them forgets a module."""

import ast
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

from django.conf import settings

PRIVATE = ("views", "forms", "tables", "filters", "serializers", "api", "tasks")
ROOMS = ("accounts", "jobs", "audit", "interviews", "buying_process", "content", "deals", "crm", "reviews")

# Where rows are reached for. The demo's loading is the body of a management command.
MANAGERS = ("models", "selectors", "services", "migrations", "management", "demo")


def contracts():
    found = ConfigParser()
    found.read(Path(settings.BASE_DIR) / ".importlinter")
    return found


def test_contracts_hold():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_private_module_is_protected():
    there = {
        f"{room}.{name}"
        for room in ROOMS
        for name in PRIVATE
        if (Path(settings.BASE_DIR) / room / name).is_dir() or (Path(settings.BASE_DIR) / room / f"{name}.py").exists()
    }
    found = contracts()
    protected = {
        module
        for section in found.sections()
        if section.startswith("importlinter:contract:private-")
        for module in found[section]["protected_modules"].split()
    }
    assert protected == there


def test_there_is_no_list_of_exceptions():
    assert [section for section in contracts().sections() if "ignore_imports" in contracts()[section]] == []


def test_only_models_selectors_services_and_commands_reach_for_rows():
    found = [
        f"{file.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for room in (*ROOMS, "core", "salesflow")
        for file in (Path(settings.BASE_DIR) / room).rglob("*.py")
        if not {*file.relative_to(settings.BASE_DIR).with_suffix("").parts} & {*MANAGERS}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert found == []
