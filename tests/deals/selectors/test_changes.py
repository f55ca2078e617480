"""What changed since last week and why: each cause is the score with it less the score without it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
import time_machine
from django.utils import timezone

from deals import services
from deals.choices import FactKind
from deals.models import AlignmentPoint, Deal
from deals.selectors.changes import begin_of_week, week_of
from deals.selectors.explained import explained_of
from deals.selectors.logged import Logged, Person
from deals.selectors.sheets import sheet_of
from deals.selectors.worlds import World, measure_worlds
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep, version):
    """Give a deal on which all was logged a month ago."""
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        made = factory.deal(rep, version, stage=factory.stage(version, 2))
        factory.check_signals(made, version, rep, silence_days=1)
        services.contact_add(deal=made, name="Ada", role=factory.need(version, "role", 2).code, actor=rep)
    return made


def explained(deal):
    services.alignments_recompute_stale()
    return explained_of(Deal.objects.select_related("alignment", "version").get(pk=deal.pk))


def at_begin(deal, at):
    """Keep in the history what the deal's score was at a moment."""
    found = services.alignment.measure([deal.pk], at=at)[deal.pk]
    AlignmentPoint.objects.create(
        workspace_id=deal.workspace_id,
        deal=deal,
        on=(at - timedelta(seconds=1)).date(),
        score=found.score,
        gap=found.gap,
        likely_stage_id=found.likely_stage_id,
    )
    return found.score


def test_causes_of_a_week_add_up_and_each_is_with_less_without(deal, rep, version):
    begin = begin_of_week(timezone.now())
    before = at_begin(deal, begin)
    late = timezone.now() - timedelta(days=5)
    old = deal.signals.get(activity__name="a")
    services.fact_retract(fact=old, actor=rep)
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "e"), word="confirmed", actor=rep, at=late)
    services.need_meet(deal=deal, need=factory.need(version, "evidence", 1), word="confirmed", actor=rep)
    services.deal_log_effort(deal=deal, activity=factory.activity(version, "Help 2"), actor=rep)
    services.contact_add(deal=deal, name="Bea", role=factory.need(version, "role", 3).code, actor=rep)
    without = explained(deal).why.score
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    page = explained(deal)
    week, score = page.week, page.why.score
    assert week.before == pytest.approx(before, abs=0.0501)
    assert week.after == page.score
    assert week.before + sum(cause.points for cause in week.causes) == pytest.approx(week.after)
    causes = {cause.text: cause for cause in week.causes}
    assert causes[f"We moved to “{factory.stage(version, 3)}”"].points == pytest.approx(score - without, abs=0.11)
    assert causes["“a”"].detail == "taken back"
    assert causes["Settled: “Evidence 1”"].points > 0
    assert causes["Role 3 is with them"].points > 0
    assert causes["“e”"].detail == "the customer confirmed it"
    assert {"“Help 2”", "Time went by"} <= set(causes)
    assert not {"The rest"} & set(causes), "all of it is explained"


def test_silence_alone_is_a_cause_and_what_is_not_logged_is_the_rest(deal):
    at_begin(deal, begin_of_week(timezone.now()))
    week = explained(deal).week
    assert [cause.kind for cause in week.causes] == ["silence"]
    assert week.causes[0].detail == "no sign from them for 31 days"
    assert week.since == begin_of_week(timezone.now()).date(), "a day, the same in every zone"
    AlignmentPoint.objects.update(score=week.after + 20)
    week = explained(deal).week
    assert week.causes[-1].text == "The rest"
    assert week.before + sum(cause.points for cause in week.causes) == pytest.approx(week.after)


def test_what_came_after_the_score_was_made_on_its_day_is_a_cause_of_its_own(deal, rep, version):
    begin = begin_of_week(timezone.now())
    signs = {begin - timedelta(hours=20): "c", begin - timedelta(hours=3): "e"}
    for at, name in signs.items():
        with time_machine.travel(at):
            services.deal_log_signal(deal=deal, activity=factory.activity(version, name), word="confirmed", actor=rep)
    for days, told in ((0, ["“e”"]), (3, ["“c”", "“e”"])):  # three days before, and no point since
        AlignmentPoint.objects.all().delete()
        before = at_begin(deal, begin - timedelta(days=days, hours=14))
        week = explained(deal).week
        assert (week.before, week.since < begin.date()) == (round(before, 1), True)
        assert [cause.text for cause in week.causes if cause.kind != "silence"] == told
        assert week.before + sum(cause.points for cause in week.causes) == pytest.approx(week.after)


def test_new_version_of_the_process_is_a_cause(deal, version, designer):
    at_begin(deal, begin_of_week(timezone.now()))
    copy = factory.buying_process.services.version_copy(version=version, actor=designer)
    copy = factory.buying_process.services.version_settings(
        version=copy, actor=designer, weight_position=10, weight_people=45
    )
    factory.buying_process.services.version_publish(version=copy, actor=designer, move_deals=False)
    copy.refresh_from_db()
    services.deal_move_version(deal=deal, version=copy, stage=factory.stage(copy, 2), actor=designer)
    week = explained(deal).week
    [cause] = [cause for cause in week.causes if cause.kind == "version"]
    assert cause.text == f"The process became version {copy.number}"
    assert abs(cause.points) > 1
    assert week.before + sum(each.points for each in week.causes) == pytest.approx(week.after)
    assert "The rest" not in {each.text for each in week.causes}


def test_first_sign_gives_the_first_number(rep, version):
    deal = factory.deal(rep, version, stage=factory.stage(version, 2), days_old=3)
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "c"), word="confirmed", actor=rep)
    week = explained(deal).week
    assert (week.before, week.first.text) == (None, "“c”")
    assert week.first.points + sum(cause.points for cause in week.causes) == pytest.approx(week.after)


def test_numbers_learned_anew_are_told_apart(deal, version):
    before = explained(deal).week
    assert before.won_learned is None
    factory.past(version, [("won", "ace", 3), ("lost", "bd", 5)] * 50)
    services.outlook_refit(version=version)
    week = explained(deal).week
    assert week.won_learned == pytest.approx(100 * (week.won_after - before.won_after), abs=1e-3)


def test_any_history_adds_up(deal, version):
    rng, sheet, now = np.random.default_rng(4), sheet_of(version.pk), timezone.now()
    deal = Deal.objects.select_related("alignment", "version").get(pk=deal.pk)
    for _ in range(12):
        facts = sorted(
            (_fact(rng, sheet, version, now, number) for number in range(rng.integers(1, 50))),
            key=lambda fact: (fact.occurred_at, fact.id),
        )
        people = [Person(now - timedelta(days=20 * rng.random()), 0, f"Role {number}") for number in (1, 2)]
        all_now = week_of(deal, sheet, facts, people, [], score=None, as_of=now)
        assert all_now.after is None
        score = _score(deal, sheet, facts, people, now)
        week = week_of(deal, sheet, facts, people, [], score=score, as_of=now)
        if score is None:
            continue
        first = week.before if week.first is None else week.first.points
        assert first + sum(cause.points for cause in week.causes) == pytest.approx(round(score, 1))
        assert "The rest" not in {cause.text for cause in week.causes}


def _score(deal, sheet, facts, people, now):
    standing = tuple(fact for fact in facts if fact.retracted_at is None)
    return measure_worlds([World(sheet, standing, tuple(people), now, now)], deal)[0].score


def _fact(rng, sheet, version, now, number):
    occurred = now - timedelta(days=40 * rng.random())
    created = occurred + (now - occurred) * rng.choice([0.0, rng.random()])
    gone = created + (now - created) * rng.random() if rng.random() < 0.2 else None
    kind = FactKind(rng.choice([FactKind.STAGE, FactKind.SIGNAL, FactKind.EFFORT, FactKind.NEED]))
    plain = Logged(kind, number, occurred, created, gone, "", "", "", None, "", "", None, None, None)
    if kind == FactKind.SIGNAL:
        activity = sheet.customer_activities[rng.integers(len(sheet.customer_activities))]
        return replace(
            plain, label=activity.name, code_id=activity.code_id, word=str(rng.choice(["confirmed", "reported"]))
        )
    if kind == FactKind.STAGE:
        stage = sheet.stages[rng.integers(3)]
        return replace(plain, label=stage.name, stage_id=stage.id, version_id=version.pk, former_version_id=version.pk)
    if kind == FactKind.EFFORT:
        return replace(plain, label=f"Help {rng.integers(1, 4)}")
    asked = str(rng.choice(["evidence", "information"]))
    channel = "online" if asked == "information" else ""
    label = f"{asked.title()} {rng.integers(1, 4)}"
    return replace(plain, label=label, word="confirmed", channel=channel, need_kind=asked, need_channel=channel)
