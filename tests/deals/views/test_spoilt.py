"""A deal whose score cannot be computed: nothing breaks on its account, and everything can still be logged."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.services.tokens import token_create
from audit.models import AuditEvent
from deals import services
from deals.models import Alignment, Deal
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def spoilt(deal, rep, version):
    """Give a scored deal whose version's numbers can be read no more: a move was logged since, five tries failed."""
    factory.break_fit(version)
    services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    for _ in range(5):
        Alignment.objects.update(leased_until=None)
        assert services.alignments_recompute_stale() == 0
    assert Alignment.objects.get(deal=deal).is_given_up
    return deal


def test_its_page_says_what_to_do_and_keeps_the_program_s_words_apart(spoilt, rep, designer, client_of):
    page = client_of(rep).get(spoilt.get_absolute_url()).content.decode()
    said, _, details = page.partition("<summary>Details</summary>")
    assert "The score could not be computed." in said
    assert "give the details below to your sales ops" in said
    assert "Error" not in said
    assert "ValueError: cannot reshape array" in details
    for offered in ("Evidence 1", "Information 1", "Role 1", "Move stage…", "History"):
        assert offered in page
    for page in ("list", "board"):
        assert "not computed" in client_of(rep).get(reverse(f"deals:{page}")).content.decode()
    assert "publish a new version" in client_of(designer).get(spoilt.get_absolute_url()).content.decode()


def test_all_that_can_be_done_on_a_deal_can_be_done_on_it(spoilt, rep, colleague, version, client_of):
    client = client_of(rep)
    need, role = factory.need(version, "evidence", 1), factory.need(version, "role", 1).code
    dialogs = {
        "log_stage": (
            {},
            {"stage": factory.stage(version, 1).pk, "direction": "back", "note": "They ask again"},
            factory.stage(version, 1).name,
        ),
        "log_signal": ({}, {"choice": f"{factory.activity(version, 'a').pk}:confirmed"}, "They said so"),
        "log_effort": ({}, {"activity": factory.activity(version, "Help 1").pk}, "Help 1"),
        "meet_need": ({"need": need.pk}, {"need": need.pk, "word": "confirmed"}, "Evidence 1"),
        "contact_add": ({}, {"name": "Ada", "role": role.pk, "engaged": "on"}, "Role 1"),
        "close": ({}, {"outcome": "lost"}, "Lost"),
        "reopen": (None, {}, ""),
    }
    for name, (query, data, offered) in dialogs.items():
        url = reverse(f"deals:{name}", args=[spoilt.pk])
        if query is not None:
            assert offered in client.get(url, query, headers=HTMX).content.decode(), name
        assert client.post(url, data, headers=HTMX).status_code == 200, name
    for kind, fact in (("signal", spoilt.signals.latest("pk")), ("effort", spoilt.efforts.get())):
        for way in ("retract", "restore"):
            assert (
                client.post(reverse(f"deals:{way}", args=[spoilt.pk, kind, fact.pk]), headers=HTMX).status_code == 200
            )
    edit = reverse("deals:edit", args=[spoilt.pk])
    form = client.get(edit).context
    values = {"name": "Mills", "owner": rep.pk, "shared_with": [colleague.pk], "seen": form["seen"]}
    assert client.post(edit, values).status_code == 302
    deal = Deal.objects.get(pk=spoilt.pk)
    assert (deal.name, list(deal.shared_with.all()), deal.outcome) == ("Mills", [colleague], "open")
    assert (deal.stage, deal.needs_met.count(), deal.contacts.get().name) == (factory.stage(version, 1), 1, "Ada")
    assert client.get(reverse("deals:state", args=[spoilt.pk]), headers=HTMX).status_code == 200
    assert client.get(reverse("deals:explained", args=[spoilt.pk])).url == spoilt.get_absolute_url()
    assert b"Mills" in b"".join(client.get(reverse("deals:export")).streaming_content)
    for page in ("list", "board", "team", "today", "alerts_today"):
        assert client.get(reverse(f"deals:{page}")).status_code == 200, page
    Alignment.objects.filter(deal=deal).update(score=10.0, error="", attempts=0)  # as before the workers come to it
    assert b"Mills" not in client.get(reverse("deals:today")).content
    assert client.post(reverse("deals:retry", args=[spoilt.pk]), headers=HTMX).status_code == 200
    assert not Alignment.objects.get(deal=deal).is_given_up


def test_all_that_failed_are_tried_again_from_the_list(spoilt, rep, colleague, version, client_of):
    healthy = factory.deal(rep, version, name="Healthy")
    theirs = factory.deal(colleague, version, name="Not yours")
    Alignment.objects.filter(deal=theirs).update(attempts=5)
    client, listed = client_of(rep), f"{reverse('deals:list')}?band=failed"
    retry = f"{reverse('deals:retry_all')}?band=failed"
    assert f'action="{retry}"' in client.get(listed).content.decode()
    assert "retry/?" not in client.get(reverse("deals:list")).content.decode()
    before = Alignment.objects.get(deal=healthy).inputs_version
    answer = client.post(retry, follow=True)
    assert answer.redirect_chain[0][0] == listed
    assert "1 score is computed again." in answer.content.decode()
    tried = Alignment.objects.get(deal=spoilt)
    assert (tried.attempts, tried.error, tried.urgent) == (0, "", False)
    assert Alignment.objects.get(deal=healthy).inputs_version == before
    assert Alignment.objects.get(deal=theirs).attempts == 5
    assert AuditEvent.objects.filter(verb="deal.retry_scores").count() == 1
    assert "0 scores are computed again." in client.post(retry, follow=True).content.decode()


def test_over_the_api_it_has_its_last_score_and_takes_what_is_logged(spoilt, rep, version):
    _, secret = token_create(membership=rep, name="test", actor=rep)
    api = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    url, last = f"/api/v1/deals/{spoilt.pk}", Alignment.objects.get(deal=spoilt)
    told = api.get(f"{url}/alignment").data
    assert (told["score"], told["stale"], told["given_up"]) == (last.score, True, True)
    assert (told["deficits"], told["outlook_source"]) == ([], None)
    posts = {
        "stage-events": {"stage": str(factory.stage(version, 1).pk)},
        "signals": {"activity": "a", "word": "observed"},
        "efforts": {"activity": "Help 1"},
    }
    for kind, data in posts.items():
        assert api.post(f"{url}/{kind}", data, format="json").status_code == 201, kind
        assert api.get(f"{url}/{kind}").status_code == 200, kind
    assert api.patch(url, {"name": "Mills", "outcome": "won"}, format="json").data["outcome"] == "won"
    assert api.get("/api/v1/deals").status_code == 200
