"""The past of alignment: parts of a month made in time, points that find a place anyway, what is kept a row a day."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core import scope
from core.zones import time_zones
from deals import services
from deals.models import Alignment, AlignmentPoint, Course, Deal
from deals.selectors.measures import measure
from deals.selectors.team import team_page
from deals.selectors.trends import TrendPoint, standings_of, trend_of
from deals.services import history
from deals.tasks import adopt_version
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db
PARTS = """
SELECT relid::text FROM pg_partition_tree('deals_alignmentpoint') WHERE isleaf ORDER BY 1
"""


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)


def parts():
    with connection.cursor() as cursor:
        cursor.execute(PARTS)
        return [row[0] for row in cursor.fetchall()]


def part_of(day):
    return f"deals_alignmentpoint_{day:%Y_%m}"


def point(deal, day, score=50.0):
    return AlignmentPoint.objects.create(workspace_id=deal.workspace_id, deal=deal, on=day, score=score)


def test_points_go_with_their_deal(rep, version):
    gone, stays = factory.deal(rep, version), factory.deal(rep, version, name="Another")
    for deal in (gone, stays):
        point(deal, timezone.now().date())
    gone.delete()
    assert AlignmentPoint.objects.get().deal_id == stays.pk


def test_points_are_kept_in_parts_that_are_made_in_time_and_dropped(rep, version, settings):
    settings.HISTORY_MONTHS = 24
    deal = factory.deal(rep, version)
    today = timezone.now().date()
    soon = (today.replace(day=1) + timedelta(days=62)).replace(day=1)
    assert {part_of(today), part_of(soon)} <= set(parts()), "made with the table: no night has to come first"
    late, old, kept = soon + timedelta(days=400), today - timedelta(days=800), today - timedelta(days=300)
    for day in (today, late, old, kept):
        point(deal, day)
    with connection.cursor() as cursor:
        cursor.execute('SELECT "on" FROM deals_alignmentpoint_rest ORDER BY 1')
        assert [row[0] for row in cursor.fetchall()] == [old, kept, late], "what has no part is stored all the same"
    services.history_keep()
    assert part_of(kept) in parts()
    assert part_of(late) in parts()
    assert part_of(old) not in parts()
    assert list(AlignmentPoint.objects.order_by("on").values_list("on", flat=True)) == [kept, today, late]
    services.history_keep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deals_alignmentpoint_rest")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT deals_points_ready(CURRENT_DATE, 2)")
        assert cursor.fetchone()[0] == 0


def test_days_are_those_of_the_workspaces_zone(rep, designer, version, client_of):
    now = timezone.now()
    zones = ("Pacific/Kiritimati", "Etc/GMT+12")  # at any moment one of them has another day than UTC
    rep.workspace.time_zone = next(zone for zone in zones if now.astimezone(ZoneInfo(zone)).date() != now.date())
    rep.workspace.save()
    day = now.astimezone(rep.workspace.zone).date()
    deal = factory.deal(rep, version, stage=factory.stage(version, 2))
    factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    services.history_keep()
    assert [point.on for point in AlignmentPoint.objects.all()] == [day]
    assert [row.on for row in Course.objects.visible_to(designer)] == [day]
    page = client_of(rep).get(reverse("deals:team")).content.decode()
    assert f"in the week to {day.day} {day:%b}" in page, "whatever the zone of the person who looks"
    services.alignments_backfill(weeks=1, now=now)
    assert [point.on for point in AlignmentPoint.objects.order_by("on")] == [day - timedelta(days=7), day]


def test_day_is_summed_up_shortly_before_it_ends_in_every_zone(rep, designer, version, settings):
    minutes = set()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        if entry["task"] in {"deals.keep_history", "deals.sum_days"}:
            assert len(entry["schedule"].hour) == 24, name
            minutes |= entry["schedule"].minute
    days = [timezone.now().replace(month=month, day=1, minute=0) for month in (1, 7)]  # summer time here or there
    offsets = {day.astimezone(ZoneInfo(zone)).minute for zone in time_zones() for day in days}
    assert {0, 30, 45} <= offsets
    assert {(60 - offset - 5) % 60 for offset in offsets} <= minutes
    factory.deal(rep, version)
    services.days_sum_between_hours()
    assert not Course.objects.exists(), "the hour's own turn does it"
    rep.workspace.time_zone = "Asia/Kathmandu"
    rep.workspace.save()
    services.days_sum_between_hours()
    assert Course.objects.get().deals == 1


def test_step_that_the_database_refuses_stops_no_other(rep, version, monkeypatch):
    factory.deal(rep, version)
    monkeypatch.setattr(history, "READY", "SELECT now() AT TIME ZONE 'Mars/Phobos', %s")
    services.history_keep()
    assert Course.objects.get().deals == 1


def test_row_of_the_day_is_as_it_ends(rep, colleague, designer, version):
    deal = factory.deal(rep, version)
    services.history_keep()
    Deal.objects.filter(pk=deal.pk).update(owner=colleague)
    services.history_keep()
    assert [row.owner_id for row in Course.objects.visible_to(designer)] == [colleague.pk]
    Course.objects.update(on=timezone.now().date() - timedelta(days=1))
    Deal.objects.filter(pk=deal.pk).update(outcome="lost")
    services.history_keep()
    assert Course.objects.get().owner_id == colleague.pk, "days that ended stay"


def test_backfill_leaves_no_point_of_a_deal_that_is_deleted_meanwhile(rep, version, monkeypatch):
    kept, gone = factory.deal(rep, version), factory.deal(rep, version, name="Gone")
    now = timezone.now()
    for deal in (kept, gone):
        Deal.objects.filter(pk=deal.pk).update(opened_at=now - timedelta(days=30))
    factory.check_signals(kept, version, rep)

    def measured(deal_ids, *, at):
        found = measure(deal_ids, at=at)
        Deal.objects.filter(pk=gone.pk).delete()
        return found | {gone.pk: replace(found[kept.pk], deal_id=gone.pk)}

    monkeypatch.setattr(history, "measure", measured)
    services.alignments_backfill(weeks=1, now=now + timedelta(days=7))
    assert [point.deal_id for point in AlignmentPoint.objects.all()] == [kept.pk]


def test_day_is_summed_up_once_and_the_course_follows(rep, colleague, designer, version):
    today = date(2026, 3, 16)
    for owner, score in ((rep, 40.0), (rep, 60.0), (colleague, 90.0), (colleague, None)):
        deal = factory.deal(owner, version, name=f"{owner} {score}")
        Alignment.objects.filter(deal=deal).update(score=score)
    services.history_keep()
    services.history_keep()
    rows = {row.owner_id: (row.deals, row.scored, row.total) for row in Course.objects.visible_to(designer)}
    assert rows == {rep.pk: (2, 2, 100.0), colleague.pk: (2, 1, 90.0)}
    Course.objects.filter(owner=rep).update(on=today - timedelta(days=8))
    Course.objects.filter(owner=colleague).update(on=today - timedelta(days=15))
    now = TrendPoint(today, 55.0, 3)

    def course_for(person):
        return trend_of(standings_of(Course.objects.visible_to(person), today), today, now=now)

    course = course_for(designer)
    assert [(point.mean, point.deals) for point in course[-4:]] == [(None, 0), (90.0, 1), (50.0, 2), (55.0, 3)]
    assert len(course) == 12
    assert [point.mean for point in course_for(rep)][-3:] == [None, 50.0, 55.0]


def test_course_of_a_process_goes_on_through_its_versions(rep, designer, version):
    today = date(2026, 3, 16)
    deal = factory.deal(rep, version)
    Alignment.objects.filter(deal=deal).update(score=40.0)
    services.history_keep()
    Course.objects.update(on=today - timedelta(days=8))
    second, job = factory.second_version(version, designer)
    adopt_version(job_id=job.pk)
    Alignment.objects.filter(deal=deal).update(score=60.0)
    page = team_page(designer, team_id=0, version_id=second.pk, today=today)
    assert page.trend_process == second.process
    assert [(point.mean, point.deals) for point in page.trend[-3:]] == [(None, 0), (40.0, 1), (60.0, 1)]
