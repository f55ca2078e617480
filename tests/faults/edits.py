"""A person who logs signals over the API all the while, and what became of each."""

import http.client
import os
import random
import threading
import time

import pytest

from tests.setup.conftest import wait_for

SOAK = bool(os.environ.get("SOAK"))
SLOWEST_SECONDS = 0.5
soaking = pytest.mark.skipif(not SOAK, reason="waits out leases and patience: script/soak runs it")
EDITABLE = """
SELECT deal.id, array_agg(activity.name) FROM deals_deal AS deal
    JOIN buying_process_stage AS stage ON stage.version_id = deal.version_id
    JOIN buying_process_stageactivity AS activity ON activity.stage_id = stage.id AND activity.actor = 'customer'
WHERE deal.outcome = 'open' GROUP BY deal.id ORDER BY deal.id
"""


class Edits(threading.Thread):
    """Logs signals until it is told to stop; `rig.acknowledged` keeps those that were taken.

    Attributes
    ----------
    taken
        The seconds that each took.
    refused
        Status and seconds of each; status 0 where nothing answered.
    """

    def __init__(self, rig, seed, *, pause=0.05):
        super().__init__(daemon=True)
        self.rig, self.seed, self.pause = rig, seed, pause
        self.over = threading.Event()
        self.editable = rig.sql(EDITABLE)
        self.taken, self.refused = [], []

    def run(self):
        rng, number = random.Random(self.seed), 0
        while not self.over.wait(self.pause):
            number += 1
            deal_id, activities = rng.choice(self.editable)
            self.log(deal_id, rng.choice(activities), f"f{self.seed}-{time.time_ns()}-{number}")

    def log(self, deal_id, activity, external_id):
        began = time.monotonic()
        body = {"activity": activity, "word": "observed", "external_id": external_id}
        try:
            status, _ = self.rig.ask("POST", f"/api/v1/deals/{deal_id}/signals/", body)
        except (OSError, http.client.HTTPException):
            status = 0
        seconds = time.monotonic() - began
        if status == http.client.CREATED:
            self.rig.acknowledged.append((deal_id, external_id))
            self.taken.append(seconds)
        else:
            self.refused.append((status, seconds))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def wait_for_more(self, count=12):
        """Wait until so many more were taken."""
        wanted = len(self.taken) + count
        wait_for(lambda: len(self.taken) >= wanted, seconds=30, what=lambda: f"edits that are taken: {self.refused}")

    def assert_quick(self):
        """Each was taken, 99 of 100 within half a second; in a soak of its own, or beside whatever else runs."""
        took = sorted(self.taken)
        assert not self.refused
        slowest, usual = took[(len(took) - 1) * 99 // 100], took[len(took) // 2]
        assert slowest < SLOWEST_SECONDS + (0 if SOAK else 3 * usual), f"{slowest:.2f} s, usually {usual:.2f} s"
