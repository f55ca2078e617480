"""From a posted signal to the stored score: real HTTP, a real worker and beat. Run beside a stack: script/bench signal.

Prints the median and the 95th percentile over the rounds, of the answer and of the score, in milliseconds.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ROUNDS = int(os.environ.get("ROUNDS", "50"))
WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.002
SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

sys.path.insert(0, str(PROJECT))
os.chdir(PROJECT)
os.environ["DJANGO_SETTINGS_MODULE"] = "salesflow.settings"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def programs(port: int) -> Iterator[None]:
    """Run web, worker and beat, quietly."""
    celery = [sys.executable, "-m", "celery", "-A", "salesflow"]
    commands = [
        [sys.executable, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "salesflow.wsgi"],
        [*celery, "worker", "--concurrency", "1", "--loglevel", "ERROR"],
        [
            *celery,
            "beat",
            "--loglevel",
            "ERROR",
            "--pidfile=",
            "--scheduler",
            "django_celery_beat.schedulers:DatabaseScheduler",
        ],
    ]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=20)


def call(port: int, token: str, path: str, body: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def wait_for_web(port: int, token: str) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        try:
            if call(port, token, "/api/v1/deals/") == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The web server did not come up.")


def fresh(deal_id: int) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT scored_version = inputs_version FROM deals_alignment WHERE deal_id = %s", [deal_id])
        return bool(cursor.fetchone()[0])


def prepare() -> tuple[str, list[int], str]:
    """Load the demo; give a token, open deals and a customer activity that their process knows."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.models import Membership
    from accounts.services.tokens import token_create
    from core import scope
    from deals.models import Deal
    from salesflow.demo.loading import demo_load

    workspace = demo_load(say=lambda _words: None)
    with scope.in_workspace(workspace.pk):
        designer = Membership.objects.filter(workspace=workspace, role="designer").first()
        if designer is None:
            raise SystemExit("The demo has no designer.")
        _, token = token_create(membership=designer, name="bench", actor=designer)
        deals = list(Deal.objects.open().filter(stage__isnull=False).order_by("pk").values_list("pk", flat=True))
        deal = Deal.objects.select_related("version").get(pk=deals[0])
        stages = deal.version.stages if deal.version else None
        first = stages.order_by("position")[0].activities.filter(actor="customer").first() if stages else None
        if first is None:
            raise SystemExit("The demo's process has no customer activity.")
        return token, deals, first.name


def one_round(port: int, token: str, deal_id: int, activity: str) -> tuple[float, float]:
    began = time.perf_counter()
    status = call(port, token, f"/api/v1/deals/{deal_id}/signals/", {"activity": activity, "word": "observed"})
    answered = time.perf_counter() - began
    if status != http.HTTPStatus.CREATED:
        raise SystemExit(f"The API answered {status}.")
    while not fresh(deal_id):
        if time.perf_counter() - began > WAIT_SECONDS:
            raise SystemExit("No score within half a minute.")
        time.sleep(LOOK_SECONDS)
    return answered, time.perf_counter() - began


def show(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p95 = ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)]
    print(f"{what:<34} median {1000 * statistics.median(ordered):7.0f} ms   p95 {1000 * p95:7.0f} ms")


def main() -> None:
    import django

    django.setup()
    token, deals, activity = prepare()
    port = free_port()
    with programs(port):
        wait_for_web(port, token)
        one_round(port, token, deals[0], activity)  # the worker reads the process once
        rounds = [one_round(port, token, deal_id, activity) for deal_id in islice(cycle(deals), ROUNDS)]
    print(f"{ROUNDS} signals over HTTP, one web process, one worker, {len(deals)} open deals")
    show("signal posted to answered", [answered for answered, _ in rounds])
    show("signal posted to score stored", [scored for _, scored in rounds])


if __name__ == "__main__":
    main()
