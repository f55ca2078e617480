"""A whole stack to break: the supervisor with all its programs, edits over the API, and the questions after a fault."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg2

from tests.faults.edits import Edits
from tests.setup.conftest import PROJECT, family, identity, parent_of, wait_for

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SIGN_IN = re.compile(r"^(rep) +(\S+) +(\S+)$", re.MULTILINE)
OURS = re.compile(r"f\d+-\d+-\d+$")
PARTS = "postgres,web,worker,beat"
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
RECORDED = "SELECT count(*) FROM audit_auditevent WHERE verb = 'deal.log_signal'"
CLEAN = "SELECT NOT EXISTS (SELECT 1 FROM deals_alignment WHERE scored_version < inputs_version)"
HELD = "SELECT EXISTS (SELECT 1 FROM deals_alignment WHERE scored_version < inputs_version AND leased_until > now())"
SWEPT = "SELECT beat_at > '{}' FROM deals_heartbeat"
DISTURB = """
UPDATE deals_alignment SET inputs_version = inputs_version + 1, stale_since = now(), urgent = true, attempts = 0,
    leased_until = NULL
WHERE deal_id IN (SELECT deal_id FROM deals_alignment WHERE deal_id %% %s = %s ORDER BY deal_id FOR NO KEY UPDATE)
"""
NAMED = """
SELECT deal_id, attempts, leased_until - now(), error FROM deals_alignment
WHERE scored_version < inputs_version ORDER BY deal_id LIMIT 5
"""


class Rig:
    """One running stack with the demo in it, and the broker that it was told of."""

    def __init__(self, checkout, broker, parts=PARTS):
        self.checkout, self.broker = checkout, broker
        self.run = checkout.start("--only", parts, REDIS_URL=broker.url)
        self.run.wait_until_ready("SalesFlow is ready", seconds=120)
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

    def scored(self):
        """Give how many scores the installation has computed."""
        return self.sql("SELECT scored FROM deals_heartbeat")[0][0]

    def log(self, program):
        """Give what a program said."""
        return (self.checkout.data / "log" / f"{program}.log").read_text()

    def close(self):
        """End what is beside the supervisor."""
        self.console.stdin.close()
        self.console.wait(10)
        self.console.stdout.close()

    def environment(self):
        return os.environ | self.urls | {"DJANGO_SETTINGS_MODULE": "salesflow.settings"}

    def manage(self, *arguments):
        """Run a management command in the console; give what it prints."""
        self.console.stdin.write(json.dumps(arguments) + "\n")
        self.console.stdin.flush()
        return json.loads(self.console.stdout.readline())

    def sql(self, text, values=None):
        """Ask the database, over a connection of our own; give rows, or how many changed."""
        connection = psycopg2.connect(self.urls["DATABASE_URL"], connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text, values)
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

    def programs(self):
        """Give the main processes of the web, the two workers and the scheduler, once each is there."""
        named = (["gunicorn"], ["worker", "sweep"], ["worker", "jobs"], ["beat"])
        return [wait_for(partial(self.child, *words), seconds=30, what=f"a {words[-1]}") for words in named]

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

    @contextmanager
    def beside(self, *arguments, module="celery"):
        """Run a Celery program of our own beside the supervisor's; gives its process."""
        command = [sys.executable, "-m", module, "-A", "salesflow", *arguments, "--loglevel", "INFO"]
        log = self.checkout.place / f"{module}-{arguments[0]}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=PROJECT, env=self.environment(), stdout=output, stderr=output, process_group=0
            )
        process.said = log.read_text
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    # --- work ---

    def disturb(self, *, part=0, of=1):
        """Have deals fall due, or every so-manieth of them; give how many."""
        return self.sql(DISTURB, [of, part])

    def catch_in_batch(self, *, part=0, of=1):
        """Have deals fall due, and freeze the worker's children while they hold them; give the children."""
        for _ in range(30):
            self.wait_until_swept(seconds=60)
            children = self.children_of_worker()
            self.disturb(part=part, of=of)
            self._wait(HELD, seconds=10, what="a batch", pause=0.002)
            for pid in children:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(0.05)  # what was on its way to the database has arrived
            if self.sql(HELD)[0][0]:
                return children
            for pid in children:
                os.kill(pid, signal.SIGCONT)
        raise AssertionError("The worker is too quick for us.")

    def wait_until_clean(self, *, seconds):
        """Wait until no score is behind; give how long it took."""
        return self._wait(CLEAN, seconds=seconds, what="clean")

    def wait_until_swept(self, *, seconds):
        """Wait until a worker has looked for stale scores from now on; give how long it took."""
        return self._wait(SWEPT.format(self.sql("SELECT now()")[0][0]), seconds=seconds, what="a sweep")

    def _wait(self, question, *, seconds, what, pause=0.05):
        began = time.monotonic()
        while not self._says(question):
            assert time.monotonic() - began < seconds, f"{what}: not after {seconds} s: {self._describe()}"
            time.sleep(pause)
        return time.monotonic() - began

    def _says(self, question):
        with suppress(psycopg2.OperationalError):
            return self.sql(question)[0][0]
        return False

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

    def edits(self, *, seed):
        """Log signals all the while, in a `with`."""
        return Edits(self, seed)

    def sign_in(self):
        """Sign a person in as a browser does; give what opens pages as they see them."""
        browser = build_opener(HTTPCookieProcessor())
        page = f"http://127.0.0.1:{self.port}/accounts/login/"
        token = CSRF.search(browser.open(page, timeout=10).read().decode())[1]
        _, email, password = SIGN_IN.search((self.checkout.data / "sign-ins.txt").read_text()).groups()
        form = urlencode({"login": email, "password": password, "csrfmiddlewaretoken": token}).encode()
        with browser.open(page, form, timeout=10) as answer:
            assert "/accounts/login/" not in answer.url
        return browser

    def see(self, browser, path):
        """Give a page's text."""
        return browser.open(f"http://127.0.0.1:{self.port}{path}", timeout=10).read().decode()

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
