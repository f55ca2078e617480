"""Deals for the benchmarks: any number of open deals on the demo's process, with ten signals each on average."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

DEALS = """
INSERT INTO deals_deal (workspace_id, external_id, name, account, owner_name, currency, version_id, stage_id, channels,
    outcome, opened_at, created_at, updated_at)
SELECT %(workspace)s, 'bench-' || n, 'Deal ' || n, '', '', '', %(version)s,
    (%(stages)s::bigint[])[1 + floor(random() * %(n_stages)s)::int], '{}', 'open',
    now() - make_interval(days => 30 + floor(random() * 300)::int), now(), now()
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
# A third of the deals has few signals, a few have very many: 10 on average.
SIGNALS = """
INSERT INTO deals_signal (workspace_id, deal_id, activity_id, word, occurred_at, note, external_id, created_at)
SELECT %(workspace)s, deal.id, (%(activities)s::bigint[])[1 + floor(random() * %(n_activities)s)::int],
    (ARRAY['confirmed', 'observed', 'reported'])[1 + floor(random() * 3)::int],
    now() - make_interval(secs => random() * 25920000), '', '', now()
FROM (
    SELECT id, 1 + least(floor(-ln(1 - random()) * 9.5)::int, 200) AS many FROM deals_deal
    WHERE workspace_id = %(workspace)s AND id > %(after)s
) AS deal, generate_series(1, deal.many)
"""
REFERENCES = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
"""
AT_ONCE = 20_000
REPS = 20
# One team of twenty reps, each with a twentieth of the deals; of some, nobody is the owner, or no stage is logged.
SPREAD = """
UPDATE deals_deal SET owner_id = (%(reps)s::bigint[])[1 + id %% 21], amount = floor(random() * 100000),
    segment_id = (%(segments)s::bigint[])[1 + id %% (1 + cardinality(%(segments)s::bigint[]))],
    stage_id = CASE WHEN id %% 50 = 0 THEN NULL ELSE stage_id END,
    outcome = CASE WHEN id %% 5 = 0 THEN (ARRAY['won', 'lost', 'no_decision'])[1 + id %% 3] ELSE 'open' END,
    closed_at = CASE WHEN id %% 5 = 0 THEN now() END,
    name = (ARRAY['Harbour', 'North', 'Alder', 'Quarry', 'Linden'])[1 + id / 5 %% 5] || ' Mills ' || id
WHERE workspace_id = %(workspace)s AND external_id LIKE 'bench-%%'
"""
# Twelve weeks behind each person's deals, what the record says of all of them, and deals that are shared.
PAST = """
INSERT INTO deals_course (workspace_id, "on", owner_id, version_id, deals, scored, total)
SELECT workspace_id, "on" - back, owner_id, version_id, deals, scored, total * (1 - 0.002 * back)
FROM deals_course, generate_series(1, 84) AS back WHERE "on" = (SELECT max("on") FROM deals_course)
ON CONFLICT DO NOTHING;
INSERT INTO deals_alignmentpoint (workspace_id, deal_id, "on", score, gap, likely_stage_id)
SELECT workspace_id, deal_id, CURRENT_DATE - 7 * back, score, gap, likely_stage_id
FROM deals_alignment, generate_series(1, 12) AS back WHERE deal_id %% 10 = 0 AND score IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO audit_auditevent (workspace_id, actor_id, actor_label, verb, object_type, object_id, object_label, changes,
    request_id, at)
SELECT workspace_id, owner_id, 'Bench rep' || id %% 20, (ARRAY['deal.create', 'deal.log_signal', 'deal.log_stage'])[n],
    'deals.deal', id, name, '{}', '', now() - make_interval(secs => id)
FROM deals_deal, generate_series(1, 3) AS n WHERE external_id LIKE 'bench-%%';
INSERT INTO deals_deal_shared_with (deal_id, membership_id)
SELECT id, %(shared)s FROM deals_deal WHERE external_id LIKE 'bench-%%' AND id %% 1000 = 7 ON CONFLICT DO NOTHING;
"""


def demo_version() -> tuple[Any, Any]:
    """Give the demo's workspace and the version that its deals go by; loaded where it is missing."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.models import Workspace
    from core import scope
    from deals.models import Deal
    from salesflow.demo.loading import demo_load

    workspace = Workspace.objects.order_by("pk").first() or demo_load(say=lambda _words: None)
    with scope.in_workspace(workspace.pk):
        deal = Deal.objects.open().filter(version__isnull=False).select_related("version__process").first()
    if deal is None:
        raise SystemExit("The demo has no open deal with a process.")
    return workspace, deal.version


def make_deals(workspace: Any, version: Any, *, first: int, last: int) -> None:
    """Add the deals `first` to `last`, with signals, as a bulk load would: nobody waits for their scores."""
    from django.db import connection, transaction

    from buying_process.models import Stage, StageActivity

    stages = list(Stage.objects.filter(version=version).order_by("position").values_list("pk", flat=True))
    activities = StageActivity.objects.filter(stage__version=version, actor="customer").values_list("pk", flat=True)
    values = {"workspace": workspace.pk, "version": version.pk, "stages": stages, "n_stages": len(stages)}
    values |= {"activities": list(activities), "n_activities": len(activities)}
    with loaded_in_bulk():
        for begin in range(first, last + 1, AT_ONCE):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL salesflow.bulk = 'on'")
                cursor.execute("SELECT COALESCE(max(id), 0) FROM deals_deal")
                after = cursor.fetchone()[0]
                cursor.execute(DEALS, values | {"first": begin, "last": min(begin + AT_ONCE - 1, last)})
                cursor.execute(SIGNALS, values | {"after": after})
            print(f"\r{min(begin + AT_ONCE - 1, last):,} deals", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


@contextmanager
def loaded_in_bulk() -> Iterator[None]:
    """Hold signals to their references after the load, not one by one; new deals are stale without being marked."""
    from django.db import connection

    with unreferring("deals_signal"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE deals_signal DISABLE TRIGGER deals_signal_stale_insert")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE deals_signal ENABLE TRIGGER deals_signal_stale_insert")


@contextmanager
def unreferring(table: str) -> Iterator[None]:
    """Drop the references of a table meanwhile."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(REFERENCES, [table])
        references = cursor.fetchall()
        try:
            for name, _ in references:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            yield
        finally:
            for name, definition in references:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def people(workspace: Any) -> dict[str, Any]:
    """Make the team; give one person of each role."""
    from accounts.models import Membership, Team, User

    made: dict[str, Any] = {}
    reps = []
    roles = [(role, role) for role in ("designer", "manager", "admin")]
    for name, role in (*roles, *((f"rep{n}", "rep") for n in range(REPS))):
        user = User.objects.create_user(f"bench-{name}@example.com", full_name=f"Bench {name}")
        made[name] = Membership.objects.create(workspace=workspace, user=user, role=role)
        if role == "rep":
            reps.append(made[name])
    team = Team.objects.create(workspace=workspace, name="Bench", manager=made["manager"])
    Membership.objects.filter(pk__in=[each.pk for each in reps]).update(team=team)
    return made | {"reps": reps, "team": team}


def busy_workspace(size: int) -> tuple[Any, Any, dict[str, Any], dict[str, Any]]:
    """Make a team with so many deals, scored and with a past; give workspace, version, people and deals to look at."""
    from django.db import connection
    from django.db.models.functions import Length

    from core import scope
    from deals import services
    from deals.models import Deal
    from interviews.models import Segment

    workspace, version = demo_version()
    with scope.in_workspace(workspace.pk):
        make_deals(workspace, version, first=1, last=size)
        who = people(workspace)
        segments = list(Segment.objects.values_list("pk", flat=True))
    values = {"workspace": workspace.pk, "reps": [each.pk for each in who["reps"]], "segments": segments}
    with connection.cursor() as cursor:
        cursor.execute("SET salesflow.bulk = 'on'")
        cursor.execute(SPREAD, values)
        cursor.execute("RESET salesflow.bulk")
    began = time.perf_counter()
    while services.alignments_recompute_stale(seconds=60):
        pass
    print(f"{size:,} deals scored in {time.perf_counter() - began:.0f} s")
    services.alerts_settle()
    services.history_keep()
    with connection.cursor() as cursor:
        cursor.execute(PAST, {"shared": who["rep0"].pk})
        cursor.execute("VACUUM ANALYZE")
    with scope.in_workspace(workspace.pk):
        open_deals = Deal.objects.open().filter(version=version).order_by()
        made = open_deals.filter(external_id__startswith="bench-")
        deals = {
            "logged": open_deals.filter(contacts__isnull=False, efforts__isnull=False).earliest("pk"),
            "busy": made.order_by(Length("signal_path__path").desc())[0],
            "own": made.filter(owner=who["rep0"]).latest("pk"),
        }
    return workspace, version, who, deals
