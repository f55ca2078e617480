"""The outlook that is learned from deals that ended: when there is one, what it knows, and who is scored anew."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services.tokens import token_create
from audit.models import AuditEvent
from buying_process.services import version_copy, version_publish
from core import scope
from deals import services
from deals.models import Alignment, Deal, OutlookFit
from deals.selectors.endings import Ending, EndingReason
from deals.selectors.explanation import explain
from deals.selectors.inputs import inputs_of
from deals.selectors.measures import measure
from deals.selectors.past_deals import past_deals
from deals.selectors.sheets import sheet_of
from jobs.services import job_run
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def stories(won, others, *, seed=1):
    """Give ended deals that differ by their path alone: won ones go on, the others circle, each once in ten not."""
    rng = np.random.default_rng(seed)
    found = []
    for outcome in rng.permutation(["won"] * won + ["lost", "no_decision"] * (others // 2) + ["lost"] * (others % 2)):
        on = (outcome == "won") != (rng.random() < 0.1)
        found.append((str(outcome), "abef" if on else "acac", 5))
    return found


def under_way(version, rep, names, name="Under way"):
    deal = factory.deal(rep, version, name=name, days_old=20)
    for number, activity in enumerate(names):
        services.deal_log_signal(
            deal=deal,
            activity=factory.activity(version, activity),
            word="confirmed",
            actor=rep,
            at=deal.opened_at + timedelta(days=5 * number),
        )
    return deal


def outlook(deal):
    services.alignments_recompute_stale()
    return Alignment.objects.get(deal=deal).outlook


def test_too_few_deals_leave_absorption(version, rep):
    factory.past(version, [*stories(49, 80), ("won", "a", 5), ("open", "abef", 5)])
    deal = under_way(version, rep, "acac")
    before = outlook(deal)

    assert services.outlook_refit(version=version) is None

    assert not OutlookFit.objects.exists()
    assert outlook(deal) == before


def test_fifty_won_and_fifty_others_are_the_outlook(version, rep):
    factory.past(version, stories(50, 50))
    circling, going_on = under_way(version, rep, "acac"), under_way(version, rep, "abef", "Other")
    by_absorption = outlook(circling)

    fit = services.outlook_refit(version=version)

    assert (fit.number, fit.won, fit.lost, fit.no_decision) == (1, 50, 25, 25)
    learned = outlook(circling)
    assert sum(learned) == pytest.approx(1)
    assert learned[0] < 0.25 < by_absorption[0]
    assert outlook(going_on)[0] > 0.75
    row = AuditEvent.objects.get(verb="version.learn_outlook")
    assert row.actor_id is None


def test_deal_without_signals_keeps_absorption(version, rep):
    deal = factory.deal(rep, version)
    before = outlook(deal)
    factory.past(version, stories(50, 50))
    services.outlook_refit(version=version)

    assert outlook(deal) == pytest.approx(before)


def test_refit_that_learns_the_same_changes_nothing(version, rep):
    factory.past(version, stories(50, 50))
    deal = under_way(version, rep, "ac")
    assert services.outlooks_refit() == 1
    services.alignments_recompute_stale()
    before = Alignment.objects.get(deal=deal)

    assert services.outlooks_refit() == 0

    after = Alignment.objects.get(deal=deal)
    assert OutlookFit.objects.count() == 1
    assert (after.inputs_version, after.stale_since) == (before.inputs_version, None)


def test_refit_that_learns_more_marks_the_versions_open_deals_stale(version, designer, rep):
    ended = factory.past(version, stories(50, 50))
    deal = under_way(version, rep, "ac")
    elsewhere = factory.deal(rep, name="Without a process")
    Deal.objects.filter(pk=elsewhere.pk).update(version=None)
    services.outlook_refit(version=version)
    services.alignments_recompute_stale()
    before = outlook(deal)
    factory.past(version, stories(0, 20, seed=2))
    services.alignments_recompute_stale()

    fit = services.outlook_refit(version=version)

    assert fit.number == 2
    row = Alignment.objects.get(deal=deal)
    assert row.inputs_version == row.scored_version + 1
    assert not row.urgent, "people's own edits come first"
    for other in (elsewhere, ended[0]):
        row = Alignment.objects.get(deal=other)
        assert row.inputs_version == row.scored_version
    assert outlook(deal) != pytest.approx(before, abs=1e-4)


def test_marking_goes_on_over_chunks(version, rep, monkeypatch):
    monkeypatch.setattr("deals.services.outlooks.CHUNK", 2)
    deals = [factory.deal(rep, version, name=f"Deal {number}") for number in range(5)]
    services.alignments_recompute_stale()
    factory.past(version, stories(50, 50))

    services.outlook_refit(version=version)

    behind = {row.deal_id for row in Alignment.objects.all() if row.inputs_version > row.scored_version > 0}
    assert behind == {deal.pk for deal in deals}


def test_reopened_deals_that_leave_too_few_bring_absorption_back(version, rep):
    ended = factory.past(version, stories(50, 50))
    deal = under_way(version, rep, "acac")
    by_absorption = outlook(deal)
    services.outlook_refit(version=version)
    assert outlook(deal) != pytest.approx(by_absorption, abs=0.01)
    services.deal_reopen(deal=next(each for each in ended if each.outcome == "won"), actor=rep, note="By mistake")

    fit = services.outlook_refit(version=version)

    assert (fit.number, fit.won, fit.coefficients) == (2, 49, [])
    assert outlook(deal) == pytest.approx(by_absorption, abs=1e-3)
    assert services.outlook_refit(version=version) is None


def test_past_is_measured_by_what_was_learned_then(version, rep):
    """A deal that ended, or any deal as of a day before the learning, knows nothing of what was learned since."""
    ended = factory.past(version, stories(50, 50))
    deal = under_way(version, rep, "acac")
    yesterday = timezone.now() - timedelta(days=1)
    ids = [deal.pk, *(each.pk for each in ended)]
    before = {pk: found.outlook for pk, found in measure(ids, at=yesterday).items()}
    closed = {pk: found.outlook for pk, found in measure(ids).items() if pk != deal.pk}

    services.outlook_refit(version=version)

    assert {pk: found.outlook for pk, found in measure(ids, at=yesterday).items()} == before
    assert {pk: found.outlook for pk, found in measure(ids).items() if pk != deal.pk} == closed
    assert measure([deal.pk])[deal.pk].outlook != before[deal.pk]


def test_past_deals_know_nothing_after_their_end_or_the_day_asked_for(version, rep):
    ended = factory.past(version, stories(50, 50))
    late = ended[-1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deals_signal WHERE deal_id = %s", [late.pk])
        assert cursor.fetchone()[0] == 4
    Deal.objects.filter(pk=late.pk).update(closed_at=late.opened_at + timedelta(days=7))
    sheet = sheet_of(version.pk)

    past = past_deals(sheet)
    earlier = past_deals(sheet, until=ended[59].closed_at)

    lengths = np.diff(past.ended.paths.offsets)
    assert sorted(lengths.tolist()) == [2, *[4] * 99]
    assert earlier.ended.outcomes.size == 60 + (late.opened_at + timedelta(days=7) <= ended[59].closed_at)


def test_batch_is_measured_as_each_alone_at_a_constant_cost(version, rep, django_assert_num_queries):
    factory.past(version, stories(50, 50))
    ids = [under_way(version, rep, names, names).pk for names in ("ac", "acac", "abef")] + [
        factory.deal(rep, version).pk
    ]
    services.outlook_refit(version=version)
    measure(ids[:1])

    with django_assert_num_queries(6):
        together = measure(ids)

    with django_assert_num_queries(6):
        alone = measure(ids[:1])
    assert together[ids[0]].outlook == pytest.approx(alone[ids[0]].outlook, abs=1e-5)


@pytest.mark.django_db(transaction=True)  # a score goes by what was learned before its transaction began
def test_publication_learns_from_the_process_and_scores_by_it(version, designer, rep):
    factory.past(version, stories(50, 50))
    deal = under_way(version, rep, "acac")
    second, job = factory.second_version(version, designer)

    job_run(job_id=job.pk, work=lambda job, progress: services.deals_adopt_version(job=job, progress=progress))

    assert OutlookFit.objects.get().version == second
    deal.refresh_from_db()
    assert deal.version == second
    assert Alignment.objects.get(deal=deal).outlook[0] < 0.25


def test_publication_without_moving_deals_learns_too(
    version, designer, django_capture_on_commit_callbacks, monkeypatch
):
    rung = []
    monkeypatch.setattr("core.jobs.publish", lambda name, **ids: rung.append((name, ids)))
    copy = version_copy(version=version, actor=designer)

    with django_capture_on_commit_callbacks(execute=True):
        version_publish(version=copy, actor=designer, move_deals=False)

    assert ("deals.refit_outlooks", {"version_id": copy.pk}) in rung


def test_refit_goes_over_every_workspace_and_mixes_none(version, designer, outsider):
    factory.past(version, stories(50, 50))
    with scope.in_workspace(outsider.workspace_id):
        theirs = factory.live_version(outsider.workspace, outsider)
        factory.past(theirs, stories(50, 49))

    assert services.outlooks_refit() == 1

    assert OutlookFit.objects.get().version == version


@pytest.mark.parametrize("statement", ["UPDATE deals_outlookfit SET won = 1", "DELETE FROM deals_outlookfit"])
def test_fit_never_changes(version, statement):
    factory.past(version, stories(50, 50))
    services.outlook_refit(version=version)

    with (
        pytest.raises(DatabaseError, match="a fit never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def explained(deal):
    return explain(inputs_of([deal.pk])[deal.pk], Alignment.objects.get(deal=deal)).ending


def test_explanation_says_that_the_process_says_it(version, rep):
    factory.past(version, stories(49, 51))
    deal = under_way(version, rep, "acac")
    services.outlook_refit(version=version)
    services.alignments_recompute_stale()

    assert explained(deal) == Ending()


def test_explanation_says_from_how_many_deals_and_what_weighs_most(version, rep):
    factory.past(version, stories(50, 60))
    circling, going_on = under_way(version, rep, "acac"), under_way(version, rep, "abef", "Other")
    services.outlook_refit(version=version)
    services.alignments_recompute_stale()

    against, for_it = explained(circling), explained(going_on)

    assert (against.deals, against.won) == (for_it.deals, for_it.won) == (110, 50)
    assert EndingReason("What they did, and in which order", lifts=False) in against.reasons
    assert EndingReason("What they did, and in which order", lifts=True) in for_it.reasons
    assert 1 <= len(against.reasons) <= 3


def test_page_and_api_say_which_outlook_it_is(version, rep, client_of):
    deal = under_way(version, rep, "acac")
    services.alignments_recompute_stale()
    client = client_of(rep)
    before = client.get(deal.get_absolute_url()).content.decode()
    assert "By how interviewed customers went on from there." in before
    factory.past(version, stories(50, 60))
    services.outlook_refit(version=version)
    services.alignments_recompute_stale()

    page = client.get(deal.get_absolute_url()).content.decode()
    made = client.get(f"{deal.get_absolute_url()}explained/").content.decode()
    _, secret = token_create(membership=rep, name="test", actor=rep)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    source = api.get(f"/api/v1/deals/{deal.pk}/alignment/").json()["outlook_source"]

    assert "By how 110 earlier deals of this process ended: 50 were won." in page
    assert "speaks against it" in page
    assert "Learned from 110 deals of this process that ended, 50 of them won" in made
    assert (source["kind"], source["deals"], source["won"]) == ("past_deals", 110, 50)
    assert {"text": "What they did, and in which order", "lifts": False} in source["reasons"]
