"""A full recompute, end to end and stored, over its floor in the same run. Run beside a stack: script/bench recompute.

`script/bench recompute 10000 100000 1000000` measures at each size, three times, and takes medians:

- the floor: COPY-reading the same packed paths and COPY-upserting the same narrow rows into the same table, its indexes
  and references included, with no mathematics; beside it the same with the day's points of the history;
- one worker, and two, from the request to the last score stored, history and all; with each worker's peak memory.
"""

import io
import os
import re
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000, 1_000_000)
RUNS = int(os.environ.get("RUNS", "3"))
CHUNK = 5000
CHECKED = 10  # batches of 500
BUFFER = 1 << 20

sys.path[:0] = [str(PROJECT), str(PROJECT / "script")]
os.chdir(PROJECT)
os.environ["DJANGO_SETTINGS_MODULE"] = "salesflow.settings"

from bench_figures import Promises  # noqa: E402  beside this file

# As after a change of everything: no row has its score yet; rows and indexes are made anew for each measurement.
KEEP = """
DROP TABLE IF EXISTS bench_stale;
CREATE UNLOGGED TABLE bench_stale AS SELECT * FROM deals_alignment;
UPDATE bench_stale SET scored_version = 0, inputs_version = 1, urgent = false, attempts = 0, leased_until = NULL,
    stale_since = now(), score = NULL, gap = NULL, likely_stage_id = NULL, position = '{}', tomorrow = '{}',
    outlook = '{}'
FROM deals_deal AS deal WHERE deal.id = deal_id AND deal.outcome = 'open';
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'deals_alignment' AND indexdef NOT LIKE 'CREATE UNIQUE%'
"""
STALE = """
SELECT count(*) FROM deals_alignment JOIN deals_deal AS deal ON deal.id = deal_id
WHERE scored_version < inputs_version AND deal.outcome = 'open'
"""


def quietly(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def reset() -> None:
    from bench_deals import unreferring
    from django.db import connection

    with unreferring("deals_alignment"), connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("TRUNCATE deals_alignment, deals_alignmentpoint")
        cursor.execute("INSERT INTO deals_alignment SELECT * FROM bench_stale ORDER BY deal_id")
        for _, definition in indexes:
            cursor.execute(definition)
    for table in ("deals_alignment", "deals_alignmentpoint", "deals_signalpath"):
        quietly(f"VACUUM ANALYZE {table}")


def floor(ranges: list[tuple[int, int]], rows: list[bytes], points: list[bytes] | None) -> float:
    """Read the paths and upsert the rows, a chunk a transaction; give the seconds."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'deals_alignment'")
        names = [f'"{row[0]}"' for row in cursor.fetchall()]
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS bench_rows (LIKE deals_alignment) ON COMMIT DELETE ROWS")
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in names if name != '"deal_id"')
    upsert = f"INSERT INTO deals_alignment SELECT * FROM bench_rows ON CONFLICT (deal_id) DO UPDATE SET {updates}"
    began = time.perf_counter()
    for place, (after, last) in enumerate(ranges):
        with transaction.atomic(), connection.cursor() as cursor:
            paths = io.BytesIO()
            read = f"SELECT deal_id, path FROM deals_signalpath WHERE deal_id > {after} AND deal_id <= {last}"
            cursor.copy_expert(f"COPY ({read}) TO STDOUT (FORMAT binary)", paths, BUFFER)
            cursor.copy_expert("COPY bench_rows FROM STDIN (FORMAT binary)", io.BytesIO(rows[place]), BUFFER)
            cursor.execute(upsert)
            if points is not None:
                cursor.copy_expert(
                    "COPY deals_alignmentpoint FROM STDIN (FORMAT binary)", io.BytesIO(points[place]), BUFFER
                )
    return time.perf_counter() - began


def saved(table: str, ranges: list[tuple[int, int]]) -> list[bytes]:
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        for after, last in ranges:
            stream = io.BytesIO()
            query = f"SELECT * FROM {table} WHERE deal_id > {after} AND deal_id <= {last} ORDER BY deal_id"
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", stream, BUFFER)
            found.append(stream.getvalue())
    return found


def chunks() -> list[tuple[int, int]]:
    from core import scope
    from deals.models import Deal

    with scope.across_workspaces("the benchmark counts every deal"):
        ids = list(Deal.objects.open().order_by("pk").values_list("pk", flat=True))
    lasts = ids[CHUNK - 1 :: CHUNK]
    if not lasts or lasts[-1] != ids[-1]:
        lasts.append(ids[-1])
    return list(zip([0, *lasts], lasts, strict=False))


def recompute(workspace: Any, workers: int) -> tuple[float, float]:
    """Recompute everything with some workers; give the seconds, and the largest peak memory in MB."""
    from core import scope
    from deals.services import alignments_rescore

    with scope.in_workspace(workspace.pk):
        job = alignments_rescore(workspace=workspace)
    command = [sys.executable, __file__, "--work", str(job.pk)]
    running = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(workers)
    ]
    for worker in running:
        heard(worker)  # it is ready
    began = time.perf_counter()
    for worker in running:
        tell(worker)
    heard(running[0])  # it is done
    seconds = time.perf_counter() - began
    peaks = [float(heard(worker)) for worker in running]
    for worker in running:
        worker.wait()
    with scope.in_workspace(workspace.pk):
        job.refresh_from_db()
    if job.state != "done":
        raise SystemExit(f"The recompute ended as {job.state}: {job.message}")
    return seconds, max(peaks)


def heard(worker: subprocess.Popen[str]) -> str:
    return worker.stdout.readline() if worker.stdout else ""


def tell(worker: subprocess.Popen[str]) -> None:
    if worker.stdin:
        worker.stdin.write("go\n")
        worker.stdin.flush()


def work(job_id: int, number: int) -> None:
    """Be a worker that has been at work before: the first does the job, the others help."""
    from buying_process.models import Version
    from core import scope
    from deals.selectors.sheets import sheets_of
    from deals.services import deals_rescore
    from deals.services.stretches import stretch_work
    from jobs.models import Job
    from jobs.services import job_run
    from salesflow.celery import load_pages

    load_pages()
    scope.enter(scope.ACROSS)
    sheets_of(list(Version.objects.values_list("pk", flat=True)))
    print("ready", flush=True)
    sys.stdin.readline()
    if number == 0:
        job_run(job_id=job_id, work=lambda job, progress: deals_rescore(job=job, progress=progress))
        print("done", flush=True)
    else:
        while Job.objects.filter(pk=job_id, state__in=("queued", "running")).exists():
            if not stretch_work(job_id=job_id):
                time.sleep(0.01)
    print(peak_megabytes(), flush=True)


def peak_megabytes() -> float:
    """Give this process's peak; what getrusage() says begins with the memory of the process that started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def stale() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(STALE)
        return int(cursor.fetchone()[0])


def hold_against_oracle() -> None:
    """Compute some thousand scores one by one, as an edit does, and hold the stored ones against them, bit for bit."""
    from deals.selectors.verification import differing_scores

    if wrong := [deal_id for differing in islice(differing_scores(), CHECKED) for deal_id in differing]:
        raise SystemExit(f"These scores are not the oracle's: {wrong[:10]}")


def measure(size: int, workspace: Any, promises: Promises) -> float:
    """Measure a size and show it; give the seconds that one worker takes."""
    quietly(KEEP)
    reset()
    recompute(workspace, 1)
    if left := stale():
        raise SystemExit(f"{left} deals were not scored.")
    ranges = chunks()
    rows, points = saved("deals_alignment", ranges), saved("deals_alignmentpoint", ranges)
    found: dict[str, list[float]] = {name: [] for name in ("floor", "with history", "one", "two", "peak")}
    for _ in range(RUNS):
        for name, history in (("floor", None), ("with history", points)):
            reset()
            found[name].append(floor(ranges, rows, history))
        for name, workers in (("one", 1), ("two", 2)):
            reset()
            seconds, peak = recompute(workspace, workers)
            if left := stale():
                raise SystemExit(f"{left} deals were not scored.")
            found[name].append(seconds)
            found["peak"].append(peak)
    hold_against_oracle()
    medians = {name: statistics.median(values) for name, values in found.items()}
    medians["peak"] = max(found["peak"])
    show(size, medians, promises)
    return medians["one"]


def show(size: int, found: dict[str, float], promises: Promises) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), COALESCE(sum(length(path)), 0) / 17 FROM deals_signalpath")
        deals, signals = cursor.fetchone()
    print(f"\n{size:,} deals ({deals:,} with {int(signals):,} signals), medians of {RUNS}")
    promises.show("floor, paths read and rows upserted", found["floor"], "s")
    promises.show("floor with the history's points too", found["with history"], "s")
    promises.show("one worker, end to end and stored", found["one"], "s")
    promises.show("two workers", found["two"], "s")
    # a stretch is 5,000 deals: of few there is little to share, and little to measure
    many = size >= SIZES[-1]
    promises.show("one worker over the floor", found["one"] / found["floor"], most=2.0 if many else None)
    promises.show("one worker over the floor with history", found["one"] / found["with history"])
    promises.show("two workers over one", found["one"] / found["two"], least=1.6 if many else None)
    promises.show("a worker's peak memory", found["peak"], "MB", most=500)
    promises.show("one worker", size / found["one"], "deals a second")
    promises.show("a deal", 1e6 * found["one"] / size, "us")


def main() -> None:
    import django

    django.setup()
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]), int(sys.argv[3]))
        return
    from bench_deals import demo_version, make_deals

    from core import scope
    from deals.models import Deal

    scope.enter(scope.ACROSS)
    sizes = sorted(int(each) for each in sys.argv[1:]) or list(SIZES)
    promises = Promises()
    workspace, version = demo_version()
    made, costs = Deal.objects.filter(external_id__startswith="bench-").count(), {}
    for size in sizes:
        make_deals(workspace, version, first=made + 1, last=size)
        made = max(made, size)
        costs[size] = measure(size, workspace, promises) / size
    if len(costs) > 1:
        spread = max(costs.values()) / min(costs.values())
        promises.show("\na deal of the dearest size over the cheapest", spread, most=1.2)
    promises.end()


if __name__ == "__main__":
    main()
