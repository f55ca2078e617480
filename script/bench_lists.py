"""How long lists and the deal page take on the server, with many deals. Run beside a stack: script/bench lists.

Each page is asked for as a browser asks, through the whole application, in this process and without rendering of the
network: the median and the 95th percentile of REQUESTS requests, and how many queries each took. Thresholds of the
product: 200 ms for the 95th percentile at 100,000 deals, 15 queries. Another size follows: script/bench lists 20000.
"""

import os
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEALS = 100_000
REQUESTS = int(os.environ.get("REQUESTS", "20"))
WARM = 2
DEEP = 40  # pages on from the first
DEEP_IN = ("gap", "-opened", "owner", "-stage")
MOST_MS = 200
OK = (200, 204)  # 204: a page that has seen all is told nothing
MOST_QUERIES = 15


def measure(client: Any, url: str) -> tuple[list[float], int]:
    """Give how long each request took, in milliseconds, and the number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took = []
    for turn in range(REQUESTS + WARM):
        began = time.perf_counter()
        response = client.get(url)
        took.append((time.perf_counter() - began) * 1000)
        if response.status_code not in OK:
            raise SystemExit(f"{url} answered {response.status_code}")
        if turn < WARM:
            took.clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return took, len(queries)


def deeper(client: Any, url: str, pages: int) -> str:
    """Follow *More* so many times; give the address that is reached."""
    for _ in range(pages):
        text = client.get(url).content.decode()
        found = text.rpartition('rel="next" href="')[2].partition('"')[0]
        url = url.partition("?")[0] + found.replace("&amp;", "&")
    return url


def clients_of(who: dict[str, Any]) -> dict[str, Any]:
    """Give a client that is signed in as each person, and one that carries a token of theirs."""
    from django.test import Client

    from accounts.services.tokens import token_create

    clients = {}
    for name in ("designer", "manager", "admin", "rep0"):
        clients[name] = Client()
        clients[name].force_login(who[name].user)
        _, secret = token_create(membership=who[name], name="Benchmark", actor=None)
        clients[f"api {name}"] = Client(headers={"Authorization": f"Bearer {secret}"})
    return clients


def main(size: int) -> None:
    """Make the deals, measure the pages and say which are too slow."""
    import django
    from bench_deals import busy_workspace
    from bench_figures import late
    from bench_pages import asked_of
    from django.urls import reverse

    from core import scope

    # Made by a process of its own: this one stays as small as one that serves pages.
    with get_context("spawn").Pool(1, initializer=django.setup) as makers:
        workspace, version, who, deals = makers.apply(busy_workspace, (size,))
    with scope.in_workspace(workspace.pk):
        clients = clients_of(who)
        asked = asked_of(version, who, deals)
    listed = reverse("deals:list")
    asked += [("designer", deeper(clients["designer"], f"{listed}?sort={sort}", DEEP)) for sort in DEEP_IN]
    slow = []
    print(f"{'':76} median    p95  queries")
    for name, url in asked:
        took, queries = measure(clients[name], url)
        print(f"{name:13}{url[:62]:63} {median(took):6.0f} {late(took):6.0f}  {queries:7}", flush=True)
        if late(took) > MOST_MS or queries > MOST_QUERIES:
            slow.append(f"{name}: {url}")
    print(f"over {MOST_MS} ms or {MOST_QUERIES} queries: {len(slow)} of {len(asked)}", *slow, sep="\n")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesflow.settings")
    os.environ.setdefault("SALESFLOW_ENV", "test")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEALS)
