"""Alerts rise and clear without flapping; one mail in a person's morning, never two on a day of theirs."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from core import scope
from deals import services
from deals.models import Alert, AlertChoice, Alignment, Deal, Digest
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db
SEVEN = datetime(2026, 3, 16, 7, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)


@pytest.fixture
def deal(rep, version):
    made = factory.deal(rep, version, stage=factory.stage(version, 2), days_old=1)
    Alignment.objects.filter(deal=made).update(score=50.0)
    return made


def standing(deal):
    return sorted(deal.alerts.filter(cleared_at__isnull=True).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("ahead", [({"gap": 0.9}, False), ({"gap": 1.0}, True), ({"gap": 0.7}, True), ({"gap": 0.5}, False)]),
        (
            "circles",
            [
                ({"returns_seen": 1, "returns_expected": 0.0}, False),
                ({"returns_seen": 4, "returns_expected": 2.0}, True),
                ({"returns_seen": 4, "returns_expected": 3.0}, True),
                ({"returns_seen": 4, "returns_expected": 3.5}, False),
                ({"returns_seen": 4, "returns_expected": 3.0}, False),
            ],
        ),
    ],
)
def test_alert_rises_at_one_figure_and_clears_at_another(kind, steps, deal):
    for figures, stands in steps:
        Alignment.objects.filter(deal=deal).update(**figures)
        services.alerts_settle()
        services.alerts_settle(deals=[deal.pk])
        assert (kind in standing(deal)) is stands, figures
    assert Alert.objects.filter(kind=kind).count() == 1, "it rose once"


def test_silence_rises_by_the_days_alone_and_clears_when_they_are_heard(deal, rep, version):
    for days, stands in ((13, []), (15, ["silent"]), (12, ["silent"]), (2, [])):
        Deal.objects.filter(pk=deal.pk).update(last_signal_at=timezone.now() - timedelta(days=days))
        services.alerts_settle()
        assert standing(deal) == stands, days


def test_score_of_an_edit_settles_at_once_and_an_ending_clears(deal, rep, version):
    factory.check_signals(deal, version, rep, silence_days=20)
    services.alignments_recompute_stale()
    assert "silent" in standing(deal)
    services.deal_close(deal=deal, outcome="lost", actor=rep)
    services.alignments_recompute_stale()
    assert standing(deal) == []


def test_one_mail_a_morning_of_the_person_and_only_of_what_is_new(deal, rep, colleague, version, workspace):
    rep.user.time_zone = "America/New_York"
    rep.user.save()
    Alert.objects.create(workspace=workspace, deal=deal, kind="ahead", raised_at=SEVEN - timedelta(days=1))
    assert services.digests_send(now=SEVEN) == 0, "it is night there"
    morning = SEVEN + timedelta(hours=4)
    assert services.digests_send(now=morning) == 1
    assert services.digests_send(now=morning + timedelta(hours=1)) == 0
    Alert.objects.create(workspace=workspace, deal=deal, kind="silent", raised_at=timezone.now() + timedelta(hours=1))
    assert services.digests_send(now=morning + timedelta(hours=1)) == 0, "tomorrow"
    assert services.digests_send(now=morning + timedelta(days=1)) == 1
    Digest.objects.update(created_at=timezone.now() + timedelta(hours=2))
    assert services.digests_send(now=morning + timedelta(days=2)) == 0, "nothing new"
    first, second = mail.outbox
    assert first.to == [rep.user.email]
    assert first.subject == "1 deal needs a look"
    assert f"http://127.0.0.1:8000{deal.get_absolute_url()}" in first.body
    assert "We run ahead of them\n- Harbour Mills: We are at" in first.body
    assert "They have gone silent" in second.body
    assert Digest.objects.count() == 2


def test_mail_that_is_refused_is_tried_again_and_switches_hold(deal, rep, workspace, monkeypatch):
    Alert.objects.create(workspace=workspace, deal=deal, kind="ahead", raised_at=SEVEN - timedelta(days=1))

    def refuse(message):
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        assert services.digests_send(now=SEVEN) == 0
    services.alerts_choose(actor=rep, ahead=False)
    assert services.digests_send(now=SEVEN) == 0
    services.alerts_choose(actor=rep, ahead=True, digest=False)
    assert services.digests_send(now=SEVEN) == 0
    services.alerts_choose(actor=rep, digest=True)
    assert services.digests_send(now=SEVEN) == 1


def test_alerts_on_pages_and_the_link_that_ends_the_mails(deal, rep, colleague, designer, workspace, client_of, client):
    Alert.objects.create(workspace=workspace, deal=deal, kind="ahead", raised_at=SEVEN)
    mine, theirs = client_of(rep), client_of(colleague)
    today = reverse("deals:alerts_today")
    assert "We run ahead of them" in mine.get(today).content.decode()
    assert "No alerts on the deals that you own" in theirs.get(today).content.decode()
    assert "1 deal</a> of the workspace has an alert" in client_of(designer).get(today).content.decode()
    assert "We run ahead of them" in mine.get(deal.get_absolute_url()).content.decode()
    listed = reverse("deals:list")
    assert deal.name in mine.get(listed, {"alert": "any"}).content.decode()
    assert deal.get_absolute_url() not in mine.get(listed, {"alert": "silent"}).content.decode()
    mine.post(reverse("deals:alerts"), {"silent": "on", "digest": "on"})
    chosen = AlertChoice.objects.get(membership=rep)
    assert (chosen.ahead, chosen.silent, chosen.circles, chosen.digest) == (False, True, False, True)
    assert "No alerts on the deals that you own" in mine.get(today).content.decode()
    assert "1 deal</a> of the workspace has an alert" in client_of(designer).get(today).content.decode()
    assert deal.name in mine.get(listed, {"alert": "any"}).content.decode()
    assert deal.name not in mine.get(listed, {"alert": "heard"}).content.decode()
    services.alerts_choose(actor=rep, ahead=True)
    services.digests_send(now=SEVEN)
    assert deal.name in mine.get(listed, {"alert": "heard"}).content.decode()
    assert f"{listed}?owner={rep.pk}&alert=heard" in mail.outbox[0].body
    path = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").partition(":8000")[2]
    assert "End the mails" in client.get(path).content.decode()
    assert AlertChoice.objects.get(membership=rep).digest, "looking ends nothing"
    assert "No more mails" in client.post(path).content.decode()
    assert not AlertChoice.objects.get(membership=rep).digest
    assert client.get(path[:-2] + "x/").status_code == 404
