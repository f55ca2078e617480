"""From a posted signal to the stored score: real HTTP, the Procfile's programs. Beside a stack: script/bench signal.

`script/bench signal 100000` measures with so many open deals:

- idle: one signal after the other; the answer, and the stored score (at most 300 ms at the 95th percentile);
- while all the workspace's deals are recomputed in bulk (at most 2 s);
- at 1,000 edits a minute: how old the oldest stale score of an edited deal becomes (at most 5 s).
"""

import http.client
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DEALS = 100_000
RUNS = int(os.environ.get("RUNS", "3"))
ROUNDS = int(os.environ.get("ROUNDS", "50"))
EDITS_A_MINUTE = 1000
EDITORS = 4
EDIT_SECONDS = 60.0
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.002
# Of deals that people edited: what a bulk recomputation marks is nobody's wait.
OLDEST = """
SELECT COALESCE(extract(epoch FROM clock_timestamp() - min(stale_since)), 0) FROM deals_alignment
WHERE scored_version < inputs_version AND deal_id = ANY(%s)
"""

sys.path[:0] = [str(PROJECT), str(PROJECT / "script")]
os.chdir(PROJECT)
os.environ["DJANGO_SETTINGS_MODULE"] = "salesflow.settings"

from bench_figures import Promises, late  # noqa: E402  beside this file


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def programs(port: int) -> Iterator[None]:
    """Run what the Procfile runs for good, quietly."""
    folder = Path(sys.executable).parent
    environment = os.environ | {"PORT": str(port), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    lines = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines() if line)
    running = [
        subprocess.Popen(shlex.split(line), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name, line in lines.items()
        if name != "release"
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def call(port: int, token: str, path: str, body: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
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
            if call(port, token, "/api/v1/jobs/") == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The web server did not come up.")


def asked(query: str, *values: Any) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def fresh(deal_id: int) -> bool:
    return bool(asked("SELECT scored_version = inputs_version FROM deals_alignment WHERE deal_id = %s", deal_id))


def prepare(size: int) -> tuple[Any, str, list[int], str]:
    """Make the deals and score them; give the workspace, a token, deals to edit and an activity of their customers."""
    from bench_deals import demo_version, make_deals

    from accounts.models import Membership
    from accounts.services.tokens import token_create
    from core import scope
    from deals.models import Deal
    from deals.services import alignments_recompute_stale

    workspace, version = demo_version()
    make_deals(workspace, version, first=1, last=size)
    while alignments_recompute_stale(seconds=60):
        pass
    with scope.in_workspace(workspace.pk):
        designer = Membership.objects.filter(workspace=workspace, role="designer").first()
        if designer is None:
            raise SystemExit("The demo has no designer.")
        _, token = token_create(membership=designer, name="bench", actor=designer)
        made = Deal.objects.open().filter(external_id__startswith="bench-").order_by("pk")
        deals = list(made.values_list("pk", flat=True))[:: max(size // 500, 1)]
        activity = version.stages.order_by("position")[0].activities.filter(actor="customer").first()
    return workspace, token, deals, activity.name


class Bench:
    """The running programs, and what is asked of them."""

    def __init__(self, port: int, token: str, activity: str) -> None:
        self.port, self.token, self.activity = port, token, activity

    def edit(self, deal_id: int) -> None:
        body = {"activity": self.activity, "word": "observed"}
        status = call(self.port, self.token, f"/api/v1/deals/{deal_id}/signals/", body)
        if status != http.HTTPStatus.CREATED:
            raise SystemExit(f"The API answered {status}.")

    def round(self, deal_id: int) -> tuple[float, float]:
        """Post a signal; give the seconds to the answer and to the stored score."""
        began = time.perf_counter()
        self.edit(deal_id)
        answered = time.perf_counter() - began
        while not fresh(deal_id):
            if time.perf_counter() - began > WAIT_SECONDS:
                raise SystemExit("No score within a minute.")
            time.sleep(LOOK_SECONDS)
        return answered, time.perf_counter() - began

    def rounds(self, deals: Iterator[int], go_on: Callable[[int], bool]) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        while go_on(len(found)):
            found.append(self.round(next(deals)))
        return found

    def under_edits(self, deals: list[int], *, a_minute: int, seconds: float) -> tuple[int, float, list[float]]:
        """Edit at a pace for so long; give the edits made, how long that took and the oldest stale ages seen."""
        due, lock, made, over = iter(range(int(a_minute * seconds / 60))), threading.Lock(), [], []
        began = time.perf_counter()

        def work() -> None:
            while True:
                with lock:
                    number = next(due, None)
                if number is None:
                    return
                time.sleep(max(began + number * 60 / a_minute - time.perf_counter(), 0))
                self.edit(deals[number % len(deals)])
                made.append(number)

        editors = [threading.Thread(target=work) for _ in range(EDITORS)]
        for editor in editors:
            editor.start()
        while any(editor.is_alive() for editor in editors):
            over.append(float(asked(OLDEST, deals)))
            time.sleep(0.05)
        return len(made), time.perf_counter() - began, over


def main() -> None:
    import django

    django.setup()
    from core import scope

    size = int(sys.argv[1]) if len(sys.argv) > 1 else DEALS
    promises = Promises()
    with scope.across_workspaces("the benchmark looks at every deal"):
        workspace, token, deals, activity = prepare(size)
        port = free_port()
        bench, turn = Bench(port, token, activity), cycle(deals)
        with programs(port):
            wait_for_web(port, token)
            for _ in range(5):
                bench.round(next(turn))  # every program reads the process once
            print(f"{size:,} open deals, the programs of the Procfile, medians of {RUNS}")
            idle = [bench.rounds(turn, lambda done: done < ROUNDS) for _ in range(RUNS)]
            for place, what, most in ((0, "answered", None), (1, "score stored", 300)):
                promises.show(f"idle: signal to {what}, median", middle(idle, place, median), "ms")
                promises.show(f"idle: signal to {what}, p95", middle(idle, place, late), "ms", most=most)
            busy = [during_bulk(bench, turn, workspace) for _ in range(RUNS)]
            promises.show("during a bulk recompute: median", middle(busy, 1, median), "ms")
            promises.show("during a bulk recompute: p95", middle(busy, 1, late), "ms", most=2000)
            paced = [bench.under_edits(deals, a_minute=EDITS_A_MINUTE, seconds=EDIT_SECONDS) for _ in range(RUNS)]
            promises.show("edits a minute", median(made / seconds * 60 for made, seconds, _ in paced), least=950)
            promises.show("at that pace: oldest stale score", max(max(ages) for _, _, ages in paced), "s", most=5)
            made, seconds, ages = bench.under_edits(deals, a_minute=100_000, seconds=0.6)
            promises.show(f"as fast as {EDITORS} editors get answers", made / seconds, "edits a second")
            promises.show("at that speed: oldest stale score", max(ages), "s")
    promises.end()


def during_bulk(bench: Bench, turn: Iterator[int], workspace: Any) -> list[tuple[float, float]]:
    """Post signals while all deals of the workspace are recomputed."""
    from core import scope
    from deals.services import alignments_rescore
    from jobs.models import Job

    with scope.in_workspace(workspace.pk):
        job = alignments_rescore(workspace=workspace)
    going = Job.objects.filter(pk=job.pk, state__in=("queued", "running"))
    return bench.rounds(turn, lambda _done: going.exists())


def middle(runs: list[list[tuple[float, float]]], place: int, figure: Callable[[list[float]], float]) -> float:
    """Give the median over the runs of a figure of one column, in milliseconds."""
    return 1000 * median(figure([row[place] for row in run]) for run in runs)


if __name__ == "__main__":
    main()
