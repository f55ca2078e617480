"""A full recompute, end to end and stored, over its floor in the same run. Run beside a stack: script/bench recompute.

`script/bench recompute 10000 100000 1000000` makes a database of each size, and measures in three rounds:

- the floor: COPY-reading the same packed paths and COPY-upserting the same narrow rows into the same table, its indexes
  and references included, with no mathematics; beside it the same with the day's points of the history;
- one worker, and two, from the request to the last score stored, history and all; with each worker's peak memory.

A round measures one thing after the other, each with every size: the small ones several times, before the largest and
after it. Figures are medians, and ratios medians of each round's ratio. A machine that is slower for some minutes is so
for all that is compared.
"""

import io
import json
import os
import re
import statistics
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2  # type: ignore[import-untyped]  # it carries no types

PROJECT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000, 1_000_000)
RUNS = int(os.environ.get("RUNS", "3"))
CHUNK = 5000
DEALS_A_TURN = 200_000  # of a small size, measured six times at most: what takes half a second varies by a third
WORKERS = {"one": 1, "two": 2}
MEASURES = ("floor", "with history", *WORKERS)
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
HUGE_PAGES = "SELECT coalesce(current_setting('huge_pages_status', true), 'not told before PostgreSQL 17')"
PATHS = "SELECT count(*), COALESCE(sum(length(path)), 0) / 17 FROM deals_signalpath"


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


def tell(worker: subprocess.Popen[str], what: str = "go") -> None:
    if worker.stdin:
        worker.stdin.write(f"{what}\n")
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


def hold_against_oracle() -> None:
    """Compute some thousand scores one by one, as an edit does, and hold the stored ones against them, bit for bit."""
    from deals.selectors.verification import differing_scores

    if wrong := [deal_id for differing in islice(differing_scores(), CHECKED) for deal_id in differing]:
        raise SystemExit(f"These scores are not the oracle's: {wrong[:10]}")


def be_measured(size: int) -> None:
    """Be the process of one size, in its own database: say what there is, then measure what each line names."""
    from bench_deals import demo_version, make_deals
    from django.db import connection

    from core import scope

    scope.enter(scope.ACROSS)
    workspace, version = demo_version()
    make_deals(workspace, version, first=1, last=size)
    quietly(KEEP)
    reset()
    recompute(workspace, 1)
    refuse_stale()
    ranges = chunks()
    rows, points = saved("deals_alignment", ranges), saved("deals_alignmentpoint", ranges)
    with connection.cursor() as cursor:
        cursor.execute(PATHS)
        say(cursor.fetchone())
    for line in sys.stdin:
        for _ in range(max(1, min(6, DEALS_A_TURN // size))):
            say(once(line.strip(), workspace, ranges, rows, points))
        say(None)
    hold_against_oracle()
    say("as the oracle")


def once(
    name: str, workspace: Any, ranges: list[tuple[int, int]], rows: list[bytes], points: list[bytes]
) -> tuple[float, float]:
    """Measure one thing; give its seconds, and a worker's largest peak memory in MB."""
    reset()
    if name not in WORKERS:
        return floor(ranges, rows, points if name == "with history" else None), 0.0
    found = recompute(workspace, WORKERS[name])
    refuse_stale()
    return found


def say(what: Any) -> None:
    print(json.dumps(what, default=float), flush=True)


def refuse_stale() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(STALE)
        if left := cursor.fetchone()[0]:
            raise SystemExit(f"{left} deals were not scored.")


@dataclass
class Size:
    """A number of deals, the process that measures it in a database of its own, and what it measured."""

    deals: int
    process: subprocess.Popen[str]
    there: list[int] = field(default_factory=list)
    rounds: list[dict[str, list[float]]] = field(default_factory=list)
    peak: float = 0.0

    def __post_init__(self) -> None:
        self.there = json.loads(self.heard())

    def heard(self) -> str:
        if not (line := heard(self.process)):
            raise SystemExit(f"The measurement of {self.deals:,} deals ended.")
        return line

    def measure(self, name: str) -> None:
        """Measure one thing in the last round, once or several times."""
        tell(self.process, name)
        while (found := json.loads(self.heard())) is not None:
            self.rounds[-1].setdefault(name, []).append(found[0])
            self.peak = max(self.peak, found[1])

    def end(self) -> None:
        """Have its scores held against the oracle."""
        if self.process.stdin:
            self.process.stdin.close()
        self.heard()
        self.process.wait()

    def median(self, name: str) -> float:
        return statistics.median(seconds for found in self.rounds for seconds in found[name])

    def in_rounds(self, name: str) -> list[float]:
        return [statistics.median(found[name]) for found in self.rounds]

    def ratio(self, name: str, over: str) -> float:
        pairs = zip(self.in_rounds(name), self.in_rounds(over), strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)


def database_of(size: int) -> str:
    """Copy the demo's database for a size; give its address."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.strip('/')}_{size}"
    with closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{parts.path.strip("/")}"')
    return urlunsplit(parts._replace(path=f"/{name}"))


def show(size: Size, promises: Promises) -> None:
    deals, signals = size.there
    print(f"\n{size.deals:,} deals ({deals:,} with {signals:,} signals), medians of {RUNS}")
    promises.show("floor, paths read and rows upserted", size.median("floor"), "s")
    promises.show("floor with the history's points too", size.median("with history"), "s")
    promises.show("one worker, end to end and stored", size.median("one"), "s")
    promises.show("two workers", size.median("two"), "s")
    for name, words in (("one", "one worker"), ("two", "two workers")):
        print(f"{words} by round: {', '.join(f'{seconds:.2f}' for seconds in size.in_rounds(name))} s")
    # a stretch is 5,000 deals: of few there is little to share, and little to measure
    many = size.deals >= SIZES[-1]
    promises.show("one worker over the floor", size.ratio("one", "floor"), most=2.0 if many else None)
    promises.show("one worker over the floor with history", size.ratio("one", "with history"))
    promises.show("two workers over one", size.ratio("one", "two"), least=1.6 if many else None)
    promises.show("a worker's peak memory", size.peak, "MB", most=500)
    promises.show("one worker", size.deals / size.median("one"), "deals a second")
    promises.show("a deal", 1e6 * size.median("one") / size.deals, "us")


def spread(sizes: list[Size], name: str) -> float:
    """Give the dearest size's cost a deal over the cheapest one's, each the median over the rounds' own mean."""
    costs = [[seconds / size.deals for seconds in size.in_rounds(name)] for size in sizes]
    means = [statistics.mean(found) for found in zip(*costs, strict=True)]
    shares = [statistics.median(cost / mean for cost, mean in zip(found, means, strict=True)) for found in costs]
    return float(max(shares) / min(shares))


def main() -> None:
    import django

    django.setup()
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]), int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["--size"]:
        be_measured(int(sys.argv[2]))
        return
    from bench_deals import demo_version
    from django.db import connection

    from core import scope

    scope.enter(scope.ACROSS)
    demo_version()
    with connection.cursor() as cursor:
        cursor.execute(HUGE_PAGES)
        print(f"PostgreSQL's cache in huge pages: {cursor.fetchone()[0]} (docs/operations.md, step 2)")
    connection.close()  # or its database cannot be copied
    sizes = []
    for deals in sorted(int(each) for each in sys.argv[1:]) or SIZES:
        command, environment = [sys.executable, __file__, "--size", str(deals)], {"DATABASE_URL": database_of(deals)}
        process = subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        sizes.append(Size(deals, process))
    for _ in range(RUNS):
        for size in sizes:
            size.rounds.append({})
        for name in MEASURES:
            for size in [*sizes, *sizes[-2::-1]]:
                size.measure(name)
    promises = Promises()
    for size in sizes:
        size.end()
        show(size, promises)
    if len(sizes) > 1:
        promises.show("\na deal of the dearest size over the cheapest", spread(sizes, "one"), most=1.2)
        promises.show("the same of the floor", spread(sizes, "floor"))
    promises.end()


if __name__ == "__main__":
    main()
