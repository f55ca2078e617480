"""Packed signal paths say what the signals say, whatever writes them; what differs is named and mended."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from deals import services
from deals.models import Alignment, Deal, Signal, SignalPath
from deals.selectors.signal_paths import WORD_WEIGHTS, differing_paths, unpack
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


@pytest.fixture
def deal(rep, version):
    deal = factory.deal(rep, version)
    factory.check_signals(deal, version, rep)
    return deal


def told(deal):
    """Give what a deal's packed path says: activities and weights of words, in order."""
    path = SignalPath.objects.filter(deal=deal).first()
    if path is None:
        return None
    records = unpack(bytes(path.path))
    return list(zip(records["activity"].tolist(), WORD_WEIGHTS[records["word"]].tolist(), strict=True))


def expected(deal):
    weights = {"confirmed": 1.0, "observed": 0.8, "reported": 0.5}
    standing = Signal.objects.filter(deal=deal, retracted_at__isnull=True).order_by("occurred_at", "pk")
    return [(signal.activity_id, weights[signal.word]) for signal in standing]


def test_path_follows_signals_logged_taken_back_and_restored(deal, rep):
    assert told(deal) == expected(deal)
    assert len(told(deal)) == 4
    first = Signal.objects.filter(deal=deal).order_by("occurred_at").first()
    services.fact_retract(fact=first, actor=rep)
    assert told(deal) == expected(deal)
    assert len(told(deal)) == 3
    first.refresh_from_db()
    services.fact_restore(fact=first, actor=rep)
    assert told(deal) == expected(deal)
    assert list(differing_paths()) == [[]]


def test_moments_are_kept_to_the_microsecond(deal):
    records = unpack(bytes(SignalPath.objects.get(deal=deal).path))
    since = datetime(2000, 1, 1, tzinfo=UTC)
    moments = [
        round((signal.occurred_at - since).total_seconds() * 1e6) for signal in deal.signals.order_by("occurred_at")
    ]
    assert records["at"].tolist() == moments


def test_bulk_of_signals_packs_every_deal_it_names(version, rep, deal):
    other = factory.deal(rep, version, name="Other")
    Signal.objects.bulk_create(
        Signal(
            workspace_id=one.workspace_id,
            deal=one,
            activity=factory.activity(version, "b"),
            word="reported",
            occurred_at=timezone.now(),
        )
        for one in (deal, other, other)
    )
    assert told(other) == expected(other)
    assert (len(told(deal)), len(told(other))) == (5, 2)


def test_deal_without_a_standing_signal_has_no_path(deal, rep):
    for signal in Signal.objects.filter(deal=deal):
        services.fact_retract(fact=signal, actor=rep)
    assert told(deal) is None


def test_path_ends_with_its_deal(deal):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesflow.erase = 'on'")
    Deal.objects.filter(pk=deal.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert SignalPath.objects.count() == 0


def spoil(deal):
    SignalPath.objects.filter(deal=deal).update(path=bytes(17))


def test_spoilt_and_missing_paths_are_named_mended_and_scored_anew(version, rep, deal):
    lost = factory.deal(rep, version, name="Lost")
    factory.check_signals(lost, version, rep)
    services.alignments_recompute_stale()
    spoil(deal)
    SignalPath.objects.filter(deal=lost).delete()
    with pytest.raises(CommandError, match=f"2 deals differ: {deal.pk}, {lost.pk}"):
        call_command("verify_paths")
    assert told(deal) != expected(deal)
    out = io.StringIO()
    call_command("verify_paths", mend=True, stdout=out)
    assert out.getvalue() == f"2 deals differ: {deal.pk}, {lost.pk}. They were packed anew.\n"
    assert (told(deal), told(lost)) == (expected(deal), expected(lost))
    assert {row.inputs_version - row.scored_version for row in Alignment.objects.all()} == {1}
    out = io.StringIO()
    call_command("verify_paths", stdout=out)
    assert out.getvalue() == "Every deal's packed signals are right.\n"
