"""How a number is made: what is shown adds up, and a lift that is promised comes true."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from buying_process.choices import Need
from deals import services
from deals.choices import Word
from deals.models import Alignment, AlignmentPoint
from deals.selectors.explained import explained_of
from deals.selectors.explanation import place_in_words
from deals.selectors.sheets import sheet_of
from interviews.models import Code
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep, version):
    made = factory.deal(rep, version, stage=factory.stage(version, 3))
    factory.check_signals(made, version, rep)
    services.need_meet(deal=made, need=factory.need(version, "evidence", 1), word=Word.CONFIRMED, actor=rep)
    services.need_meet(deal=made, need=factory.need(version, "information", 3), word=Word.REPORTED, actor=rep)
    services.contact_add(deal=made, name="Ada", role=factory.need(version, Need.ROLE, 2).code, actor=rep)
    for name, days in (("Help 1", 2), ("Help 3", 9), ("Help 2", 29.99)):
        at = timezone.now() - timedelta(days=days)
        services.deal_log_effort(deal=made, activity=factory.activity(version, name), actor=rep, at=at)
    services.alignments_recompute_stale()
    return made


def loaded(deal):
    deal.refresh_from_db()
    deal.alignment.refresh_from_db()
    return deal


def figures(pattern, page):
    return [float(figure) for figure in re.findall(pattern, page)]


def test_what_the_page_shows_adds_up_to_the_number(deal, rep, client_of, django_assert_num_queries):
    client, url = client_of(rep), reverse("deals:explained", args=[deal.pk])
    client.get(url)
    with django_assert_num_queries(15):  # four of the shell, deal; six of its inputs; logged, people, course, moves
        page = client.get(url).content.decode()
    score = Alignment.objects.get(deal=deal).score
    [number] = figures(r'id="explained-figure">([\d.]+)', page)
    assert number == pytest.approx(score, abs=0.0501)
    assert sum(figures(r'sum__part">\w+ <strong class="figure">([\d.]+)', page)) == pytest.approx(number)
    blocks = [block for block in page.split('<details class="sums"')[1:] if "data-got" in block]
    assert len(blocks) == 5
    possible = 0.0
    for block in blocks:
        [(got, most)] = re.findall(r"<strong>([\d.]+)</strong> of ([\d.]+)", block)
        assert sum(figures(r'data-got="([\d.]+)"', block)) == pytest.approx(float(got))
        lines = figures(r'data-got="[^<]+<span class="quiet">of ([\d.]+)', block)
        assert sum(lines) == pytest.approx(float(most))
        possible += float(most)
    assert possible == pytest.approx(100)


def test_page_tells_the_course_day_by_day(deal, version, client_of, rep):
    for days, score in ((40, 20.0), (9, None)):
        AlignmentPoint.objects.create(
            workspace_id=deal.workspace_id,
            deal_id=deal.pk,
            on=timezone.localdate() - timedelta(days=days),
            score=score,
            gap=None if score is None else -1.25,
            likely_stage_id=None if score is None else factory.stage(version, 2).pk,
        )
    today, lost, first = explained_of(loaded(deal)).course
    assert (first.score, first.likely, first.gap) == (20.0, factory.stage(version, 2).name, -1.25)
    assert (lost.score, lost.likely) == (None, "")
    assert today.score == Alignment.objects.get(deal=deal).score
    client = client_of(rep)
    assert "−1.2" in client.get(reverse("deals:explained", args=[deal.pk])).content.decode()
    words = f"Alignment over time: 20 on {first.on:%-d %B}, {today.score:.0f} since {today.on:%-d %B}"
    assert f'aria-label="{words}"' in client.get(deal.get_absolute_url()).content.decode()


def test_work_that_grew_too_old_since_the_score_still_explains_it(deal):
    Alignment.objects.filter(deal=deal).update(as_of=timezone.now() - timedelta(hours=1))
    services.alignments_mark_silent()
    page = explained_of(loaded(deal))
    [effort] = [part for part in page.parts if part.name == "effort"]
    assert len(effort.lines) == 3
    assert sum(line.got for line in effort.lines) == pytest.approx(effort.got)
    days = set()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # a day and two hours apart
        with timezone.override(zone):
            [effort] = [part for part in explained_of(loaded(deal)).parts if part.name == "effort"]
            days |= {line.name for line in effort.lines}
    assert len(days) == 6, "days are those of the reader"


def test_work_keeps_its_names_while_the_score_is_computed_anew(deal, rep, version):
    helped = factory.activity(version, "Help 2")
    services.deal_log_effort(deal=deal, activity=helped, actor=rep, at=timezone.now() - timedelta(days=5))
    stale = loaded(deal)
    assert stale.alignment.scored_version < stale.alignment.inputs_version
    while_stale = {line.name: line.note for part in explained_of(stale).parts[-1:] for line in part.lines}
    services.alignments_recompute_stale()
    scored = {line.name: line.note for part in explained_of(loaded(deal)).parts[-1:] for line in part.lines}
    assert len(scored) == 4
    assert len(set(scored.values())) > 1
    assert while_stale == scored


def test_lifts_are_what_the_engine_gives_after_the_deed(deal, rep, version):
    page, before = explained_of(loaded(deal)), Alignment.objects.get(deal=deal).score
    assert len(page.why.helps) == 3
    activities = {each.id: each for each in sheet_of(version.pk).activities}

    def do(help_):
        if help_.component == "position":
            stage = version.stages.get(pk=help_.stage_id)
            services.deal_log_stage(deal=deal, stage=stage, actor=rep, note="They went back")
        elif help_.component == "people":
            role = Code.objects.get(pk=help_.role_id)
            services.contact_add(deal=deal, name="New", role=role, actor=rep)
        elif help_.component == "effort":
            activity = factory.activity(version, activities[help_.activity_id].name)
            services.deal_log_effort(deal=deal, activity=activity, actor=rep)
        else:
            need = factory.StageNeed.objects.get(pk=help_.need_id)
            services.need_meet(deal=deal, need=need, word=Word.CONFIRMED, actor=rep)

    for help_ in page.why.helps:
        point = transaction.savepoint()
        do(help_)
        services.alignments_recompute_stale()
        after = Alignment.objects.get(deal=deal).score
        transaction.savepoint_rollback(point)
        assert help_.lift == pytest.approx(after - before, abs=0.01), help_.text


def test_thin_ground_is_named(rep, version):
    deal = factory.deal(rep, version, stage=factory.stage(version, 1), days_old=200)
    at = timezone.now() - timedelta(days=90)
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "c"), word="reported", actor=rep, at=at)
    services.alignments_recompute_stale()
    doubts = {doubt.title: doubt.sentence for doubt in explained_of(loaded(deal)).doubts}
    assert doubts["Few signs"] == "Only 1 sign of them is logged on this deal."
    assert doubts["Our word alone"] == "Signs that rest on our own word alone: 1 of 1. It counts 50%."
    assert doubts["A long silence"].startswith("Their last sign is 90 days old")
    assert "They may be at" in doubts["Where they are"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE buying_process_transition DISABLE TRIGGER USER")
    version.transitions.update(low=0.1, high=0.6)
    doubts = {doubt.title: doubt.sentence for doubt in explained_of(loaded(deal)).doubts}
    assert "between 10% and 60% " in doubts["Uncertain moves"]


@pytest.mark.parametrize(
    ("gap", "stage", "words"),
    [
        (None, None, "No stage is logged yet."),
        (None, 1, ""),
        (0.2, 1, "We are where they are."),
        (0.2, 2, "We are less than half a stage from them."),
        (-1.2, 1, "We are about a stage behind them."),
        (2.4, 3, "We are about 2 stages ahead of them."),
    ],
)
def test_place_is_said_by_the_distance_and_the_likeliest_stage(gap, stage, words):
    assert place_in_words(gap, stage=stage, likely=1) == words
