"""The container files, read as a container engine would read them: everything that they name exists."""

import json
import re
import shlex

import pytest
import yaml

from tests.setup.conftest import PROJECT

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "sweep", "worker", "beat", "migrate")
DOCKERFILE = re.sub(r"\\\n", " ", (PROJECT / "Dockerfile").read_text())
PROCFILE = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())
SETTINGS = (PROJECT / "salesflow" / "settings.py").read_text()
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::[-?][^}]*)?\}")
READ_BY_GUNICORN = {"PORT", "WEB_CONCURRENCY"}
READ_BY_PYTHON = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def instructions(name):
    return [line.split(maxsplit=1)[1] for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def variables_of_settings():
    """Give what the settings read, and what the migration reads."""
    return set(re.findall(r"""env(?:\.\w+)?\(\s*"([A-Z_]+)\"""", SETTINGS)) | {"MIGRATION_DATABASE_URL"}


def commands():
    """Give every command line that a file names, with where it stands."""
    found = {f"Procfile {name}": shlex.split(line) for name, line in PROCFILE.items()}
    found["Dockerfile CMD"] = json.loads(instructions("CMD")[0])
    found["Dockerfile HEALTHCHECK"] = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    for name in OURS:
        service = SERVICES[name]
        if "command" in service:
            found[f"service {name}"] = service["command"]
        if test := service.get("healthcheck", {}).get("test"):
            assert test[0] == "CMD"
            found[f"health of {name}"] = test[1:]
    return found


def test_services_are_those_of_the_embedded_stack():
    assert set(SERVICES) == {*OURS, "postgres", "valkey"}


def test_every_variable_is_read_by_the_settings():
    for name in OURS:
        assert set(SERVICES[name]["environment"]) - variables_of_settings() == set()
    environment = {word.split("=")[0] for line in instructions("ENV") for word in line.split() if "=" in word}
    assert environment - variables_of_settings() - READ_BY_GUNICORN - READ_BY_PYTHON == set()


def test_every_variable_to_fill_in_is_documented():
    text = (PROJECT / "docker-compose.yml").read_text()
    documented = (PROJECT / "docs" / "operations.md").read_text()
    named = set(VARIABLE.findall(text))
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "APP_PASSWORD"} <= named
    assert [name for name in sorted(named) if f"`{name}`" not in documented] == []


def test_every_setting_is_documented():
    documented = (PROJECT / "docs" / "operations.md").read_text()
    assert [name for name in sorted(variables_of_settings()) if f"`{name}`" not in documented] == []


def test_no_secret_has_a_default():
    text = (PROJECT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "APP_PASSWORD"):
        used = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
        assert used
        assert [use for use in used if not use.startswith(f"${{{name}:?")] == []


@pytest.mark.parametrize(("where", "command"), commands().items())
def test_command_names_what_exists(where, command, settings):
    program = command[0]
    if program.startswith("script/"):
        assert (PROJECT / program).stat().st_mode & 0o100, where
        return
    assert (PROJECT / ".venv" / "bin" / program).exists(), where
    if program == "gunicorn":
        assert command[1] == "salesflow.wsgi:application"
        assert command[1].replace(":", ".") == settings.WSGI_APPLICATION
    else:
        assert command[:3] == ["celery", "-A", "salesflow"]
        if command[3] == "beat":
            assert command[command.index("--scheduler") + 1] == settings.CELERY_BEAT_SCHEDULER


def test_procfile_and_containers_run_the_same_programs():
    for name in ("sweep", "worker", "beat"):
        assert set(shlex.split(PROCFILE[name])) == set(SERVICES[name]["command"])
    image = json.loads(instructions("CMD")[0])
    assert set(shlex.split(PROCFILE["web"])) == set(image) - {"--worker-tmp-dir", "/dev/shm"}


def test_ports_agree():
    (port,) = instructions("EXPOSE")
    assert f"PORT={port}" in " ".join(instructions("ENV"))
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert (
        f"@postgres:5432/{SERVICES['postgres']['environment']['POSTGRES_DB']}"
        in SERVICES["web"]["environment"]["DATABASE_URL"]
    )
    assert SERVICES["web"]["environment"]["REDIS_URL"].startswith("redis://valkey:6379/")


def test_every_file_that_is_copied_exists():
    for line in instructions("COPY"):
        words = line.split()
        if words[0].startswith("--from="):
            assert f"AS {words[0].removeprefix('--from=')}" in DOCKERFILE
            continue
        assert [name for name in words[:-1] if not (PROJECT / name).exists()] == []
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (PROJECT / source).exists()


def test_nobody_runs_as_root_or_writes_outside_a_volume():
    assert instructions("USER") == ["10001"]
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "/tmp" in service["tmpfs"], name
        assert name in OURS or service["user"] not in {"root", "0"}, name


def test_every_service_says_whether_it_is_well():
    without = [name for name, service in SERVICES.items() if "test" not in service["healthcheck"]]
    assert without == ["migrate"]
    assert SERVICES["migrate"]["healthcheck"] == {"disable": True}


def test_programs_wait_for_what_they_need():
    for name in ("web", "sweep", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "valkey": {"condition": "service_healthy"},
        }
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_brokers_queue_survives_a_restart():
    command = SERVICES["valkey"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert SERVICES["valkey"]["volumes"] == ["valkey:/data"]


def test_image_leaves_out_what_the_machine_made():
    ignored = set((PROJECT / ".dockerignore").read_text().split())
    made_here = {line.strip("/") for line in (PROJECT / ".gitignore").read_text().splitlines() if line.startswith("/")}
    assert made_here - ignored == set()
    assert ".git" in ignored
