"""Deals a second, beside conformance checking by pm4py on the same paths. Run beside a stack: script/bench replay.

`PM4PY=/path/to/python` names the Python of an environment that has pm4py; without it there is nothing to compare.
Ours is everything from the request to the last stored score, with the history; theirs is the replay alone, in memory.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DEALS = 20_000
REPLAYED = 500
RUNS = int(os.environ.get("RUNS", "3"))
PATHS = """
SELECT array_agg(activity.name ORDER BY signal.occurred_at, signal.id) FROM deals_signal AS signal
JOIN deals_deal AS deal ON deal.id = signal.deal_id AND deal.external_id LIKE 'bench-%%'
JOIN buying_process_stageactivity AS activity ON activity.id = signal.activity_id
GROUP BY signal.deal_id ORDER BY signal.deal_id LIMIT %s
"""

sys.path[:0] = [str(PROJECT), str(PROJECT / "script")]
os.chdir(PROJECT)
os.environ["DJANGO_SETTINGS_MODULE"] = "salesflow.settings"


def theirs(python: str, paths: list[list[str]]) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(paths, file)
        file.flush()
        command = [python, str(PROJECT / "script" / "bench_pm4py.py"), file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def ours(workspace: Any) -> float:
    from bench_recompute import KEEP, quietly, reset

    from core import scope
    from deals.services import alignments_rescore, deals_rescore
    from jobs.services import job_run

    quietly(KEEP)
    reset()
    began = time.perf_counter()
    with scope.in_workspace(workspace.pk):
        job = alignments_rescore(workspace=workspace)
    job_run(job_id=job.pk, work=lambda job, progress: deals_rescore(job=job, progress=progress))
    seconds = time.perf_counter() - began
    with scope.in_workspace(workspace.pk):
        job.refresh_from_db()
    return job.total / seconds


def main() -> None:
    python = os.environ.get("PM4PY")
    if not python:
        print("PM4PY names no Python that has pm4py: nothing to compare with.")
        return
    import django

    django.setup()
    from bench_deals import demo_version, make_deals
    from django.db import connection

    from core import scope
    from salesflow.celery import load_pages

    load_pages()
    scope.enter(scope.ACROSS)
    workspace, version = demo_version()
    make_deals(workspace, version, first=1, last=DEALS)
    with connection.cursor() as cursor:
        cursor.execute(PATHS, [REPLAYED])
        paths = [row[0] for row in cursor.fetchall()]
    runs = [(ours(workspace), theirs(python, paths)) for _ in range(RUNS)]
    own = statistics.median(speed for speed, _ in runs)
    print(f"{DEALS:,} deals, of which {REPLAYED:,} are replayed, medians of {RUNS}")
    print(f"SalesFlow, recomputed and stored          {own:10,.0f} deals a second")
    for name, what in (("replay", "token replay"), ("alignment", "alignment")):
        other = statistics.median(found[name] for _, found in runs)
        print(f"pm4py, {what:<34} {other:10,.2f} deals a second   {own / other:8,.0f} times")


if __name__ == "__main__":
    main()
