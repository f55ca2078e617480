"""How long lists and the deal page take on the server, with many deals. Run beside a stack: script/bench lists.

Each page is asked for as a browser asks, through the whole application, in this process and without rendering of the
network: the median and the 95th percentile of REQUESTS requests, and how many queries each took. Thresholds of the
product: 200 ms for the 95th percentile at 100,000 deals, 15 queries. Another size follows: script/bench lists 20000.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEALS = 100_000
REQUESTS = 20
WARM = 2
DEEP = 40  # pages on from the first
MOST_MS = 200
OK = 200
MOST_QUERIES = 15
REPS = 20
# One team of twenty reps: whoever is not sales ops sees a twentieth, or all of what belongs to somebody.
SPREAD = """
UPDATE deals_deal SET owner_id = (%(reps)s::bigint[])[1 + id %% cardinality(%(reps)s)],
    amount = floor(random() * 100000), outcome = CASE WHEN id %% 5 = 0 THEN 'lost' ELSE 'open' END,
    closed_at = CASE WHEN id %% 5 = 0 THEN now() END,
    name = (ARRAY['Harbour', 'North', 'Alder', 'Quarry', 'Linden'])[1 + id %% 5] || ' Mills ' || id
WHERE workspace_id = %(workspace)s AND external_id LIKE 'bench-%%'
"""


def people(workspace: Any) -> dict[str, Any]:
    """Make the team; give one person of each role."""
    from accounts.models import Membership, Team, User

    made: dict[str, Any] = {}
    reps = []
    for name, role in (("designer", "designer"), ("manager", "manager"), *((f"rep{n}", "rep") for n in range(REPS))):
        user = User.objects.create_user(f"bench-{name}@example.com", full_name=f"Bench {name}")
        made[name] = Membership.objects.create(workspace=workspace, user=user, role=role)
        if role == "rep":
            reps.append(made[name])
    team = Team.objects.create(workspace=workspace, name="Bench", manager=made["manager"])
    Membership.objects.filter(pk__in=[each.pk for each in reps]).update(team=team)
    return made | {"reps": reps}


def addresses(version: Any, deal: Any) -> list[tuple[str, str]]:
    """Give what is measured, with who asks for it."""
    from django.urls import reverse

    listed = reverse("deals:list")
    stage = version.stages.order_by("position").first().pk
    asked = [(who, listed) for who in ("designer", "manager", "rep0")]
    asked += [("designer", f"{listed}?sort={sign}{sort}") for sort in SORTED for sign in ("", "-")]
    asked += [("manager", f"{listed}?sort=alignment"), ("rep0", f"{listed}?sort=alignment")]
    asked += [("designer", f"{listed}?{narrowed}") for narrowed in (
        "q=harbour", "q=mills 4711", "band=low", "gap=ahead&sort=-gap", "chaos=circles", f"stage={stage}",
        f"stage={stage}&likely={stage}&sort=alignment", "outcome=all&sort=-amount",
    )]  # fmt: skip
    asked += [(who, reverse(f"deals:{page}")) for page in ("board", "today") for who in ("designer", "rep0")]
    asked += [(who, reverse("deals:team")) for who in ("designer", "manager")]
    asked += [("designer", reverse("deals:search") + "?q=harb"), ("designer", deal.get_absolute_url())]
    return asked


SORTED = ("name", "owner", "alignment", "gap", "chaos", "outlook", "stage", "segment", "amount", "opened")


def measure(client: Any, url: str) -> tuple[float, float, int]:
    """Give median and 95th percentile in milliseconds, and the number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took = []
    for turn in range(REQUESTS + WARM):
        began = time.perf_counter()
        response = client.get(url)
        took.append((time.perf_counter() - began) * 1000)
        if response.status_code != OK:
            raise SystemExit(f"{url} answered {response.status_code}")
        if turn < WARM:
            took.clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    took.sort()
    return median(took), took[max(round(0.95 * len(took)) - 1, 0)], len(queries)


def deeper(client: Any, url: str, pages: int) -> str:
    """Follow *More* so many times; give the address that is reached."""
    for _ in range(pages):
        text = client.get(url).content.decode()
        found = text.rpartition('rel="next" href="')[2].partition('"')[0]
        url = url.partition("?")[0] + found.replace("&amp;", "&")
    return url


def main(size: int) -> None:
    """Make the deals, score them, measure the pages and say which are too slow."""
    from bench_deals import demo_version, make_deals
    from django.db import connection
    from django.test import Client

    from core import scope
    from deals import services
    from deals.models import Deal

    workspace, version = demo_version()
    with scope.in_workspace(workspace.pk):
        make_deals(workspace, version, first=1, last=size)
        who = people(workspace)
    with connection.cursor() as cursor:
        cursor.execute("SET salesflow.bulk = 'on'")
        cursor.execute(SPREAD, {"workspace": workspace.pk, "reps": [each.pk for each in who["reps"]]})
    began = time.perf_counter()
    while services.alignments_recompute_stale(seconds=60):
        pass
    print(f"{size:,} deals scored in {time.perf_counter() - began:.0f} s")
    services.history_keep()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    with scope.in_workspace(workspace.pk):
        deal = Deal.objects.filter(external_id="bench-1").get()
    clients = {}
    for name in ("designer", "manager", "rep0"):
        clients[name] = Client()
        clients[name].force_login(who[name].user)
    with scope.in_workspace(workspace.pk):
        asked = addresses(version, deal)
    asked += [
        ("designer", deeper(clients["designer"], f"{asked[0][1]}?sort={sort}", 40)) for sort in ("gap", "-opened")
    ]
    slow = []
    print(f"{'':60} median    p95  queries")
    for name, url in asked:
        middle, late, queries = measure(clients[name], url)
        print(f"{name:9}{url[:50]:51} {middle:6.0f} {late:6.0f}  {queries:7}")
        if late > MOST_MS or queries > MOST_QUERIES:
            slow.append(url)
    print(f"over {MOST_MS} ms or {MOST_QUERIES} queries: {len(slow)} of {len(asked)}")
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
