"""Random faults over a running stack on which somebody edits (F27), and a publication over many deals (F21).

Run by script/soak. Every seed draws its own faults and edits; after each, nothing may be lost, every score is the
oracle's to the last bit, and no program may have grown by a fifth since it was warm.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2

from tests.faults.broker import Broker
from tests.faults.rig import Rig
from tests.setup.conftest import PROJECT, Checkout, family, first_start, short_folder, wait_for

PROGRAMS = {"web": ("gunicorn",), "sweep": ("celery", "sweep"), "worker": ("celery", "jobs"), "beat": ("beat",)}
WEIGHED, PARTS_OF_ONE = ("web", "sweep", "worker"), ("main", "child")
GROWN = 0.20
CLEAN_SECONDS = 60
FRESH = "SELECT scored_version = inputs_version FROM deals_alignment WHERE deal_id = %s"
PUBLISH_SECONDS, SCORE_SECONDS = 0.5, 2.0
# Many open deals on the demo's process, scored; then a draft that is a copy of it, to be published.
MANY_DEALS = """
import runpy, sys
import django
django.setup()
from accounts.models import Membership
from buying_process.services import version_copy
from core import scope
from deals.models import Deal
with scope.across_workspaces("deals for a soak"):
    designer = Membership.objects.filter(role="designer").select_related("workspace").first()
with scope.in_workspace(designer.workspace_id):
    deal = Deal.objects.open().filter(version__isnull=False).select_related("version__process").first()
    make_deals = runpy.run_path("script/bench_deals.py")["make_deals"]
    make_deals(designer.workspace, deal.version, first=1, last=int(sys.argv[1]))
    print(deal.pk, version_copy(version=deal.version, actor=designer).pk)
"""


# --- faults ----------------------------------------------------------------------------------------------------------


def processes_of(rig, program):
    """Give a program's main process and all that it started."""
    main = wait_for(lambda: rig.child(*PROGRAMS[program]), seconds=60, what=program)
    return [main, *sorted(pid for pid, _ in family(main) if pid != main)]


def send(pids, number):
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_a_child(program):
    def fault(rig, rng):
        children = wait_for(lambda: processes_of(rig, program)[1:], seconds=60, what=f"a child of the {program}")
        send([rng.choice(children)], signal.SIGKILL)

    return fault


def kill_all_of(program):
    return lambda rig, _rng: send(processes_of(rig, program), signal.SIGKILL)


def hold_the_sweep(rig, rng):
    pids = processes_of(rig, "sweep")
    send(pids, signal.SIGSTOP)
    time.sleep(rng.uniform(0.5, 3))
    send(pids, signal.SIGCONT)


def end_the_broker(number, *, forgetful=False):
    def fault(rig, rng):
        rig.broker.end(number)
        if forgetful:
            rig.broker.empty()
        time.sleep(rng.uniform(0, 1))
        rig.broker.start()

    return fault


def hold_the_broker(rig, rng):
    rig.broker.freeze()
    time.sleep(rng.uniform(0.5, 4))
    rig.broker.thaw()


def fill_the_broker(rig, rng):
    rig.broker.ask("config_set", "maxmemory", "1")
    time.sleep(rng.uniform(0.5, 2))
    rig.broker.ask("config_set", "maxmemory", "256mb")


def database_answers(rig):
    with suppress(psycopg2.OperationalError):
        return rig.sql("SELECT true")[0][0]
    return False


def end_the_database(number):
    def fault(rig, _rng):
        rig.end(rig.server("postgres"), number)
        wait_for(lambda: database_answers(rig), seconds=60, what="a database")

    return fault


FAULTS = {
    "child of the sweep killed": kill_a_child("sweep"),
    "child of the web killed": kill_a_child("web"),
    "sweep killed": kill_all_of("sweep"),
    "worker killed": kill_all_of("worker"),
    "scheduler killed": kill_all_of("beat"),
    "sweep held": hold_the_sweep,
    "broker restarted": end_the_broker(signal.SIGTERM),
    "broker killed": end_the_broker(signal.SIGKILL),
    "broker emptied": end_the_broker(signal.SIGKILL, forgetful=True),
    "broker held": hold_the_broker,
    "broker full": fill_the_broker,
    "database restarted": end_the_database(signal.SIGINT),
    "database killed": end_the_database(signal.SIGKILL),
    "every deal due": lambda rig, _rng: rig.disturb(),
}


# --- a seed ----------------------------------------------------------------------------------------------------------


class Memory:
    """How much web, sweep and worker have grown since they were first weighed: the main process of each, and the rest.

    Whichever process now does a program's work is held against the one that did it first, so that a kill hides nothing.
    """

    def __init__(self, rig):
        self.rig = rig
        warm(rig)
        self.first = self._weigh()

    def grown(self):
        """Weigh them; give the most that one has grown, as a share."""
        now = self._weigh()
        assert now.keys() == self.first.keys() == {(program, part) for program in WEIGHED for part in PARTS_OF_ONE}
        return max(now[known] / first - 1 for known, first in self.first.items())

    def _weigh(self):
        """Give the kilobytes of each program's main process, and of the largest that it started."""
        sizes = {}
        for program in WEIGHED:
            main, *children = wait_for(lambda: whole(self.rig, program), seconds=60, what=program)  # noqa: B023 (at once)
            sizes[program, "main"] = size_of(main)
            sizes[program, "child"] = max(map(size_of, children))
        return {known: size for known, size in sizes.items() if size}


def whole(rig, program):
    """Give the processes of a program that has children."""
    found = processes_of(rig, program)
    return found if len(found) > 1 else None


def size_of(pid):
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return 0  # it has just ended


def warm(rig):
    """Have every process do what it does in a soak, so that what it keeps for good is in its memory."""
    with rig.edits(seed=0):
        for _ in range(2):
            rig.disturb()
            rig.wait_until_clean(seconds=CLEAN_SECONDS)


def soak(rig, memory, *, seed, faults):
    """Inject so many faults while somebody edits; hold what must hold; give what happened, in a line."""
    rig.wait_until_clean(seconds=CLEAN_SECONDS)
    rng, began, injected = random.Random(seed), time.monotonic(), []
    with rig.edits(seed=seed) as edits:
        for name in rng.choices(list(FAULTS), k=faults):
            time.sleep(rng.uniform(0.2, 1.2))
            FAULTS[name](rig, rng)
            injected.append(name)
        time.sleep(0.5)
    seconds = time.monotonic() - began
    clean = rig.wait_until_clean(seconds=CLEAN_SECONDS)
    rig.assert_nothing_lost()
    warm(rig)
    rig.assert_nothing_lost()
    grown = memory.grown()
    assert grown < GROWN, f"a process has grown by {grown:.0%}"
    return (
        f"{faults} faults in {seconds:.0f} s, {len(edits.taken)} edits taken and {len(edits.refused)} refused, clean "
        f"after {clean:.1f} s, nothing lost, nothing wrong, memory {grown:+.0%} ({', '.join(injected)})"
    )


# --- a publication over many deals -----------------------------------------------------------------------------------


def publication(rig, *, deals):
    """Publish over so many deals while somebody edits one (F21); give what was measured, in a line."""
    command = [sys.executable, "-c", MANY_DEALS, str(deals)]
    owner = rig.environment() | {"DATABASE_URL": rig.urls["MIGRATION_DATABASE_URL"]}
    done = subprocess.run(command, cwd=PROJECT, env=owner, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    deal_id, version_id = map(int, done.stdout.split())
    rig.wait_until_clean(seconds=600)
    began = time.monotonic()
    status, content = rig.ask("POST", f"/api/v1/versions/{version_id}/publish/", {"move_deals": True})
    answered = time.monotonic() - began
    assert status == 200, content
    job, waits, shares = json.loads(content)["job"], [], []
    edits = rig.edits(seed=21)
    _, names = next(row for row in edits.editable if row[0] == deal_id)
    state = ("queued", 0)
    while state[0] in {"queued", "running"}:
        edited = time.monotonic()
        edits.log(deal_id, random.Random(len(waits)).choice(names), f"f21-{time.time_ns()}-{len(waits)}")
        wait_for(lambda: rig.sql(FRESH, [deal_id])[0][0], seconds=30, what="a score")
        waits.append(time.monotonic() - edited)
        state = job_state(rig, job)
        shares.append(state[1])
    took = time.monotonic() - began
    assert state == ("done", 100), state
    assert shares == sorted(shares)
    assert not edits.refused
    line = (
        f"publication over {deals:,} deals: answered after {answered:.2f} s, done after {took:.0f} s at {len(shares)} "
        f"looks; {len(waits)} edits scored after {statistics.median(waits):.2f} s, {max(waits):.2f} s at most"
    )
    assert answered < PUBLISH_SECONDS, line
    assert max(waits) < SCORE_SECONDS, line
    rig.wait_until_clean(seconds=CLEAN_SECONDS)
    rig.assert_nothing_lost()
    return f"{line}, nothing lost, nothing wrong"


def job_state(rig, job):
    """Give the state and the per cent of a job."""
    _, content = rig.ask("GET", f"/api/v1/jobs/{job}/")
    told = json.loads(content)
    return told["state"], 100 * told["done"] // max(told["total"], 1)


# --- the faults one by one -------------------------------------------------------------------------------------------


def at_full_length():
    """Run tests/faults with the whole length of every fault and nothing relaxed or left out; give the last line."""
    command = ["script/with-stack", sys.executable, "-m", "pytest", "-q", "tests/faults"]
    surroundings = os.environ | {"SOAK": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=surroundings, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()[-1]


# --- script/soak -----------------------------------------------------------------------------------------------------


@contextmanager
def stack():
    """Start a stack with the demo, and a broker beside it."""
    with first_start() as data, short_folder() as folder:
        broker = Broker(folder).start()
        made = Checkout(folder / "checkout", folder).hold_application().copy_data(data)
        try:
            rig = Rig(made, broker)
            yield rig
            rig.close()
        finally:
            made.close()
            broker.close()


def say_how(title, work):
    """Do it and print its line; give whether it held."""
    try:
        print(f"{title}: {work()}", flush=True)
    except Exception as failure:  # noqa: BLE001 - whatever went wrong is told, and the next seed begins
        print(f"{title}: FAILED: {type(failure).__name__}: {failure}", flush=True)
        return False
    return True


def main():
    parser = argparse.ArgumentParser(prog="script/soak", description="Random faults over a running stack with edits.")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds (default: 20)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (default: 1)")
    parser.add_argument("--faults", type=int, default=10, help="how many faults a seed injects (default: 10)")
    parser.add_argument("--deals", type=int, default=50_000, help="over how many deals to publish; 0: not at all")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with stack() as rig:
        rig.wait_until_swept(seconds=60)
        memory = Memory(rig)
        held = [
            say_how(f"seed {seed}", lambda: soak(rig, memory, seed=seed, faults=options.faults))  # noqa: B023 (at once)
            for seed in range(options.first, options.first + options.seeds)
        ]
        if options.deals:
            held.append(say_how("F21", lambda: publication(rig, deals=options.deals)))
    held.append(say_how("the faults one by one", at_full_length))
    print(f"{sum(held)} of {len(held)} held", flush=True)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
