"""A whole stack to break: the supervisor with all its programs, edits over the API, and the questions after a fault."""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2

from tests.setup.conftest import PROJECT, family, identity, parent_of, wait_for

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
OURS = re.compile(r"f\d+-\d+-\d+$")
PARTS = "postgres,valkey,web,worker,beat"
# A process of ours that stays: it says a designer's token, then runs one management command a line.
CONSOLE = """
import io, json, sys, traceback
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from accounts.models import Membership
from accounts.services.tokens import token_create
from core import scope
with scope.across_workspaces("a token for the tests of faults"):
    designer = Membership.objects.filter(role="designer").first()
    print(token_create(membership=designer, name="faults", actor=designer)[1], flush=True)
connection.close()
for line in sys.stdin:
    output = io.StringIO()
    try:
        call_command(*json.loads(line), stdout=output)
    except Exception:
        traceback.print_exc(file=output)
    connection.close()
    print(json.dumps(output.getvalue()), flush=True)
"""
EDITABLE = """
SELECT deal.id, array_agg(activity.name) FROM deals_deal AS deal
    JOIN buying_process_stage AS stage ON stage.version_id = deal.version_id
    JOIN buying_process_stageactivity AS activity ON activity.stage_id = stage.id AND activity.actor = 'customer'
WHERE deal.outcome = 'open' GROUP BY deal.id ORDER BY deal.id
"""
RECORDED = "SELECT count(*) FROM audit_auditevent WHERE verb = 'deal.log_signal'"
STALE = "SELECT count(*) FROM deals_alignment WHERE scored_version < inputs_version"
DISTURB = """
UPDATE deals_alignment SET inputs_version = inputs_version + 1, stale_since = now(), urgent = true, attempts = 0
WHERE deal_id IN (SELECT deal_id FROM deals_alignment ORDER BY deal_id FOR NO KEY UPDATE)
"""
NAMED = """
SELECT deal_id, attempts, leased_until - now(), error FROM deals_alignment
WHERE scored_version < inputs_version ORDER BY deal_id LIMIT 5
"""


class Edits:
    """What became of the edits of a while."""

    def __init__(self):
        self.seconds, self.refused = [], []

    @property
    def p99(self):
        """Give the time that all but one in a hundred stayed under, refused ones included."""
        took = sorted(self.seconds + [seconds for _, seconds in self.refused])
        return took[min(len(took) - 1, len(took) * 99 // 100)]


class Rig:
    """One running stack with the demo in it."""

    def __init__(self, checkout, parts=PARTS, **environment):
        self.checkout = checkout
        self.parts = parts.split(",")
        self.run = checkout.start("--only", parts, **environment).wait_until_ready("SalesFlow is ready", seconds=120)
        self.port = int(ADDRESS.findall(self.run.output)[0])
        self.urls = self.run.urls
        self.console = subprocess.Popen(
            [sys.executable, "-c", CONSOLE],
            cwd=PROJECT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.token = self.console.stdout.readline().strip()
        self.acknowledged = []
        self.on_record = self.sql(RECORDED)[0][0]

    def wait_until_started(self):
        """Wait until a worker looks by itself."""
        self.wait_until_swept(seconds=60)
        return self

    def close(self):
        """End what is beside the supervisor."""
        self.console.stdin.close()
        self.console.wait(10)
        self.console.stdout.close()

    def environment(self):
        shown = {"DJANGO_SETTINGS_MODULE": "salesflow.settings", "SALESFLOW_ENV": "development"}
        return os.environ | self.urls | shown

    def manage(self, *arguments):
        """Run a management command in the console; give what it prints."""
        self.console.stdin.write(json.dumps(arguments) + "\n")
        self.console.stdin.flush()
        return json.loads(self.console.stdout.readline())

    def sql(self, text):
        """Ask the database, over a connection of our own; give rows, or how many changed."""
        connection = psycopg2.connect(self.urls["DATABASE_URL"], connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else cursor.rowcount
        finally:
            connection.close()

    # --- processes ---

    def child(self, *words):
        """Give the supervisor's own child whose command has these words; None while there is none."""
        return next((pid for pid, _ in self._with(words) if parent_of(pid) == self.run.process.pid), None)

    def _with(self, words):
        for pid, started in sorted(self.run.family()):
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if all(word.encode() in command for word in words):
                    yield pid, started

    def worker(self):
        """Give the main process of the worker that sweeps."""
        return wait_for(lambda: self.child("celery", "worker", "sweep"), seconds=20, what="a worker")

    def children_of_worker(self):
        """Give the processes that do its tasks."""
        main = self.worker()
        return sorted(pid for pid, _ in family(main) if pid != main)

    def server(self, program):
        """Give the process of a database server: postgres, valkey-server."""
        return wait_for(lambda: self.run.pid_of(program), seconds=30, what=f"a {program}")

    def end(self, pid, number=signal.SIGKILL, *, seconds=20):
        """Signal a process and wait until it is gone."""
        known = identity(pid)
        os.kill(pid, number)
        wait_for(lambda: identity(pid) != known, seconds=seconds, what="its end")

    # --- work ---

    def disturb(self):
        """Have every deal fall due."""
        return self.sql(DISTURB)

    def stale(self):
        return self.sql(STALE)[0][0]

    def wait_until_clean(self, *, seconds):
        """Wait until no score is behind; give how long it took."""
        return self._wait(f"{STALE.replace('count(*)', 'count(*) = 0')}", seconds=seconds, what="clean")

    def wait_until_swept(self, *, seconds):
        """Wait until a worker has looked for stale scores from now on; give how long it took."""
        self.sql("UPDATE deals_heartbeat SET beat_at = now() - interval '1 hour'")
        looked = "SELECT beat_at > now() - interval '10 minutes' FROM deals_heartbeat"
        return self._wait(looked, seconds=seconds, what="a sweep")

    def _wait(self, question, *, seconds, what):
        began = time.monotonic()

        def answered():
            with suppress(psycopg2.OperationalError):
                return self.sql(question)[0][0]
            return False

        wait_for(answered, seconds=seconds, what=lambda: f"{what}: {self._describe()}")
        return time.monotonic() - began

    def _describe(self):
        with suppress(psycopg2.OperationalError):
            return self.sql(NAMED)
        return "no database"

    def ask(self, method, path, body=None, *, seconds=30):
        """Ask the web over its API; give status and content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def log_signal(self, deal_id, activity, external_id):
        """Log a signal over the API; give the answer's status, 0 where there is none."""
        body = {"activity": activity, "word": "observed", "external_id": external_id}
        try:
            status, _ = self.ask("POST", f"/api/v1/deals/{deal_id}/signals/", body)
        except (OSError, http.client.HTTPException):
            return 0
        if status == http.client.CREATED:
            self.acknowledged.append((deal_id, external_id))
        return status

    @contextmanager
    def edits(self, *, seed, pause=0.05):
        """Log signals all the while; gives what becomes of them."""
        editable = self.sql(EDITABLE)
        rng, over, edits = random.Random(seed), threading.Event(), Edits()

        def work():
            number = 0
            while not over.wait(pause):
                number += 1
                deal_id, activities = rng.choice(editable)
                began = time.monotonic()
                status = self.log_signal(deal_id, rng.choice(activities), f"f{seed}-{time.time_ns()}-{number}")
                seconds = time.monotonic() - began
                edits.seconds.append(seconds) if status == http.client.CREATED else edits.refused.append(
                    (status, seconds)
                )

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield edits
        finally:
            over.set()
            thread.join()

    # --- what must hold after every fault ---

    def assert_nothing_lost(self):
        """Every write that was acknowledged is there, none is half done, and every figure is the oracle's."""
        signals = self.sql("SELECT deal_id, external_id FROM deals_signal WHERE external_id <> ''")
        assert set(self.acknowledged) <= set(signals)
        assert len(signals) == len(set(signals))
        ours = [name for _, name in signals if OURS.match(name)]
        assert self.sql(RECORDED)[0][0] - self.on_record == len(ours), "each has its audit row, and no other is there"
        assert "right" in self.manage("verify_paths")
        assert "Every score is" in self.manage("verify_scores")
