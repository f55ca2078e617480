"""Says by its exit code whether a program of SalesFlow does its work: script/healthy web|sweep|worker|beat."""

import http.client
import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

SCHEDULED_WITHIN = "10 minutes"  # the scheduler writes down what it did every three minutes


def web() -> bool:
    """Ask the web server, by a name that it answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/healthz/live", headers={"Host": "localhost" if host in {"", "*"} else host})
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def worker(name: str) -> bool:
    """Ask the worker of this name and machine through the broker."""
    name = f"{name}@{os.uname().nodename}"
    command = [sys.executable, "-m", "celery", "-A", "salesflow", "inspect", "ping", "-d", name, "--timeout", "5"]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def beat() -> bool:
    """Look when the scheduler last did something."""
    driver: Any = importlib.import_module("psycopg2")  # late: the other questions need no driver
    connection = driver.connect(os.environ["DATABASE_URL"], connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(last_run_at) > now() - %s::interval, false) FROM django_celery_beat_periodictask",
                [SCHEDULED_WITHIN],
            )
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


if __name__ == "__main__":
    parts: dict[str, Callable[[], bool]] = {
        "web": web,
        "sweep": partial(worker, "sweep"),
        "worker": partial(worker, "worker"),
        "beat": beat,
    }
    if len(sys.argv) != 2 or sys.argv[1] not in parts:  # noqa: PLR2004 (the program and its argument)
        sys.exit("Usage: script/healthy web|sweep|worker|beat")
    sys.exit(not parts[sys.argv[1]]())
