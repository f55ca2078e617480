"""What a migration of this room fills in or clears of rows that there are, beside the rows that it leaves alone."""

from importlib import import_module

import pytest
from django.db import connection

from deals.models import Alignment, AlignmentPoint
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_workspace")]  # they commit


@pytest.fixture
def deals(workspace, designer, rep):
    version = factory.live_version(workspace, designer)
    return [factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, 2)) for number in range(3)]


def run(migration, sql):
    with connection.cursor() as cursor:
        cursor.execute(getattr(import_module(f"deals.migrations.{migration}"), sql))


def test_standing_is_filled_from_the_deals(deals):
    standing = "owner_id", "version_id", "stage_id", "is_open"
    before = list(Alignment.objects.order_by("pk").values_list(*standing))
    Alignment.objects.update(owner=None, version=None, stage=None, is_open=False)
    run("0017_standing_filled_and_indexed", "FILL")
    assert list(Alignment.objects.order_by("pk").values_list(*standing)) == before
    assert all(all(row) for row in before)


def test_gap_without_a_score_is_cleared_and_no_other(deals):
    found = dict(zip((deal.pk for deal in deals), (None, 50.0, 0.0), strict=True))
    for deal, score in found.items():
        Alignment.objects.filter(pk=deal).update(score=score, gap=1.5)
        AlignmentPoint.objects.create(
            workspace_id=deals[0].workspace_id, deal_id=deal, on="2026-01-05", score=score, gap=1.5
        )
    run("0018_no_gap_without_a_score", "CLEAR")
    kept = {deal: None if score is None else 1.5 for deal, score in found.items()}
    assert dict(Alignment.objects.values_list("pk", "gap")) == kept
    assert dict(AlignmentPoint.objects.values_list("deal_id", "gap")) == kept
