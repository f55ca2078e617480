"""Deals for the benchmarks: any number of open deals on the demo's process, with ten signals each on average."""

import sys
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
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'deals_signal'::regclass AND contype = 'f'
"""
AT_ONCE = 20_000


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

    with connection.cursor() as cursor:
        cursor.execute(REFERENCES)
        references = cursor.fetchall()
        for name, _ in references:
            cursor.execute(f'ALTER TABLE deals_signal DROP CONSTRAINT "{name}"')
        cursor.execute("ALTER TABLE deals_signal DISABLE TRIGGER deals_signal_stale_insert")
        yield
        cursor.execute("ALTER TABLE deals_signal ENABLE TRIGGER deals_signal_stale_insert")
        for name, definition in references:
            cursor.execute(f'ALTER TABLE deals_signal ADD CONSTRAINT "{name}" {definition}')
