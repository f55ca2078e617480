"""What is logged from a deal's page and from the board, and taken back."""

import json
import re

import pytest
from django.urls import reverse

from deals import services
from deals.models import Alignment, Contact, Deal, NeedMet, Signal, StageEvent
from deals.tasks import adopt_version
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_signal_in_one_press_with_undo(deal, rep, version, client_of):
    client = client_of(rep)
    url = reverse("deals:log_signal", args=[deal.pk])
    dialog = client.get(url, headers=HTMX).content.decode()
    a = factory.activity(version, "a")
    assert f'value="{a.pk}:confirmed"' in dialog
    assert "<html" not in dialog
    answer = client.post(url, {"choice": f"{a.pk}:confirmed"}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.content == b""
    fact = Signal.objects.filter(deal=deal).latest("pk")
    assert (fact.activity, fact.word, fact.actor) == (a, "confirmed", rep)
    undo = reverse("deals:retract", args=[deal.pk, "signal", fact.pk])
    assert undo in answer.headers["HX-Trigger"]
    assert "deal-changed" in answer.headers["HX-Trigger"]
    client.post(undo)
    fact.refresh_from_db()
    assert fact.retracted_at is not None


def test_likely_signals_come_first(deal, rep, version, client_of):
    dialog = client_of(rep).get(reverse("deals:log_signal", args=[deal.pk]), headers=HTMX).content.decode()
    first = dialog.partition("more-choices")[0]
    e, b = factory.activity(version, "e"), factory.activity(version, "b")
    assert f"{e.pk}:confirmed" in first
    assert dialog.index(f"{e.pk}:confirmed") < dialog.index(f"{b.pk}:confirmed")


@pytest.mark.parametrize("choice", ["", "x", "1:confirmed", "99999999999999999999:observed", "\x00:observed"])
def test_wrong_signal_says_what_is_wrong(choice, deal, rep, client_of):
    response = client_of(rep).post(reverse("deals:log_signal", args=[deal.pk]), {"choice": choice}, headers=HTMX)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert Signal.objects.filter(deal=deal).count() == 4


def test_stage_back_asks_why_and_keeps_the_answer(deal, rep, version, client_of):
    client, url = client_of(rep), reverse("deals:log_stage", args=[deal.pk])
    first = factory.stage(version, 1)
    refused = client.post(url, {"stage": first.pk, "direction": "back", "note": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "Say why it goes back" in refused.content.decode()
    assert refused.content.decode().count('id="backform_note"') == 1, "what is asked is asked of the move back alone"
    # Also where somebody leaves the direction out, the service asks, and at the last stage, with no way on, says so.
    assert client.post(url, {"stage": first.pk}, headers=HTMX).status_code == 422
    services.deal_log_stage(deal=deal, stage=version.stages.latest("position"), actor=rep)
    assert "Say why it goes back" in client.post(url, {"stage": first.pk}, headers=HTMX).content.decode()
    done = client.post(url, {"stage": first.pk, "direction": "back", "note": "Finance asked again"}, headers=HTMX)
    assert done.status_code == 200
    assert Deal.objects.get(pk=deal.pk).stage == first


@pytest.mark.parametrize("what", ["log_stage", "log_signal", "log_effort", "close"])
def test_a_moment_that_cannot_be_is_told_where_it_was_typed(deal, rep, version, client_of, what):
    chosen = {
        "log_stage": {"stage": factory.stage(version, 3).pk},
        "log_signal": {"choice": f"{factory.activity(version, 'a').pk}:observed"},
        "log_effort": {"activity": factory.activity(version, "Help 1").pk},
        "close": {"outcome": "lost"},
    }
    url = reverse(f"deals:{what}", args=[deal.pk])
    answer = client_of(rep).post(url, {**chosen[what], "at": "2999-01-01T10:00", "note": "by phone"}, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert '<details class="more" open>' in page
    assert re.search(r'<a href="#\w+_at">When</a>: This is in the future\.', page)
    assert "by phone" in page


def test_forms_work_without_scripts(deal, rep, version, client_of):
    client = client_of(rep)
    response = client.post(reverse("deals:log_stage", args=[deal.pk]), {"stage": factory.stage(version, 3).pk})
    assert response.status_code == 302
    assert response.url == deal.get_absolute_url()
    page = client.get(reverse("deals:log_effort", args=[deal.pk])).content.decode()
    assert "<html" in page
    help_1 = factory.activity(version, "Help 1")
    assert client.post(reverse("deals:log_effort", args=[deal.pk]), {"activity": help_1.pk}).status_code == 302
    assert deal.efforts.get().activity == help_1


def test_drop_on_the_board(deal, rep, version, colleague, client_of):
    client, url = client_of(rep), reverse("deals:board")
    ahead = client.post(url, {"item": deal.pk, "list": factory.stage(version, 3).pk}, headers=HTMX)
    assert "Undo" in ahead.headers["HX-Trigger"] or "undo_url" in ahead.headers["HX-Trigger"]
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)
    back = client.post(url, {"item": deal.pk, "list": factory.stage(version, 1).pk}, headers=HTMX)
    assert "Why does it go back?" in back.content.decode()
    assert "deal-changed" in back.headers["HX-Trigger"]
    same = client.post(url, {"item": deal.pk, "list": factory.stage(version, 3).pk}, headers=HTMX)
    assert same.status_code == 204
    assert "deal-changed" in same.headers["HX-Trigger"], "the board is shown as it is"
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)
    for wrong in ({}, {"item": "x"}, {"item": deal.pk, "list": "0"}, {"item": "0", "list": "1"}):
        assert client.post(url, wrong, headers=HTMX).status_code == 404
    stranger = client_of(colleague).post(url, {"item": deal.pk, "list": factory.stage(version, 1).pk}, headers=HTMX)
    assert stranger.status_code == 404


def test_need_and_contact_from_the_deal_page(deal, rep, version, client_of):
    client = client_of(rep)
    evidence = factory.need(version, "evidence", 1)
    url = reverse("deals:meet_need", args=[deal.pk])
    assert "Evidence 1" in client.get(url, {"need": evidence.pk}, headers=HTMX).content.decode()
    assert client.get(url, {"need": "x"}).status_code == 404
    for word, said in (("reported", "Noted"), ("confirmed", "Settled")):
        answer = client.post(url, {"need": evidence.pk, "word": word}, headers=HTMX)
        assert json.loads(answer["HX-Trigger"])["toast"]["message"].startswith(f"{said}: “Evidence 1”.")
        assert NeedMet.objects.latest("pk").need == evidence
        assert (
            f'{said.lower()}</span> <span class="history__what">Evidence 1'
            in client.get(deal.get_absolute_url()).content.decode()
        )
    role = factory.need(version, "role", 1).code
    client.post(
        reverse("deals:contact_add", args=[deal.pk]), {"name": "Ada", "role": role.pk, "engaged": "on"}, headers=HTMX
    )
    contact = Contact.objects.get(deal=deal)
    assert (contact.name, contact.role, contact.engaged) == ("Ada", role, True)
    known = reverse("deals:contact", args=[deal.pk, contact.pk])
    adding = f"{reverse('deals:contact_add', args=[deal.pk])}?role={role.pk}"
    assert known not in client.get(adding, headers=HTMX).content.decode()
    client.post(known, {"name": "Ada", "role": role.pk}, headers=HTMX)
    assert known in client.get(adding, headers=HTMX).content.decode()
    client.post(known, {"name": "Ada L", "role": ""}, headers=HTMX)
    contact.refresh_from_db()
    assert (contact.name, contact.role, contact.engaged) == ("Ada L", None, False)


def test_close_and_reopen(deal, rep, client_of):
    client, state = client_of(rep), reverse("deals:state", args=[deal.pk])
    client.post(
        reverse("deals:close", args=[deal.pk]), {"outcome": "no_decision", "note": "Budget frozen"}, headers=HTMX
    )
    assert Deal.objects.get(pk=deal.pk).outcome == "no_decision"
    page = client.get(deal.get_absolute_url()).content.decode()
    assert "Budget frozen" in page
    assert "Move stage…" not in page
    process = Deal.objects.get(pk=deal.pk).version_id
    told = client.get(state, {"head": f"open.{process}"}, headers=HTMX).content.decode()
    assert "Reopen the deal" in told, "an open page is told what may be done now"
    assert "no decision on" in told
    assert f"head=no_decision.{process}" in told
    for seen, tells in ((f"no_decision.{process}", False), ("no_decision.0", True)):  # 0: before there was a process
        assert ("Reopen the deal" in client.get(state, {"head": seen}, headers=HTMX).content.decode()) is tells, seen
    assert client.get(reverse("deals:reopen", args=[deal.pk])).status_code == 404, "nothing changes by looking"
    client.post(reverse("deals:reopen", args=[deal.pk]))
    assert Deal.objects.get(pk=deal.pk).outcome == "open"


def test_open_page_hears_of_a_new_score_once(deal, rep, version, client_of):
    client, url = client_of(rep), reverse("deals:state", args=[deal.pk])
    page = client.get(deal.get_absolute_url()).content.decode()
    seen = page.split("?seen=")[1].split("&")[0]
    assert "every 30s" in page
    assert client.get(url, {"seen": seen}, headers=HTMX).status_code == 204
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "b"), word="observed", actor=rep)
    stale = client.get(url, {"seen": seen}, headers=HTMX).content.decode()
    assert "every 1s" in stale
    assert "computing" in stale
    seen = stale.split("?seen=")[1].split("&")[0]
    assert client.get(url, {"seen": seen}, headers=HTMX).status_code == 204
    services.alignments_recompute_stale()
    fresh = client.get(url, {"seen": seen}, headers=HTMX).content.decode()
    assert "every 1s" not in fresh


def test_given_up_score_offers_a_retry(deal, rep, client_of):
    Alignment.objects.filter(deal=deal).update(inputs_version=99, attempts=5, error="ValueError: broken")
    client = client_of(rep)
    page = client.get(deal.get_absolute_url()).content.decode()
    assert "ValueError: broken" in page.partition("<summary>Details</summary>")[2]
    assert "every 1s" not in page
    client.post(reverse("deals:retry", args=[deal.pk]))
    assert services.alignments_recompute_stale() == 1


def test_undone_stage_and_foreign_facts(deal, rep, version, client_of):
    client = client_of(rep)
    client.post(reverse("deals:log_stage", args=[deal.pk]), {"stage": factory.stage(version, 3).pk})
    event = StageEvent.objects.filter(deal=deal).latest("pk")
    other = factory.deal(rep, version, name="Other")
    for wrong in ([other.pk, "stage", event.pk], [deal.pk, "nonsense", event.pk], [deal.pk, "signal", 0]):
        assert client.post(reverse("deals:retract", args=wrong)).status_code == 404
    retract, restore = (reverse(f"deals:{way}", args=[deal.pk, "stage", event.pk]) for way in ("retract", "restore"))
    page = client.get(deal.get_absolute_url()).content.decode()
    assert (retract in page, restore in page) == (True, False)
    client.post(retract)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 2)
    page = client.get(deal.get_absolute_url()).content.decode()
    assert (retract in page, restore in page) == (False, True)
    client.post(restore)
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 3)


def test_a_dialog_opened_before_a_publication_logs_on_the_version_of_now(deal, rep, designer, version, client_of):
    """What the deal's page offered under version 1 is kept where version 2 has it, and in version 2's own rows."""
    e, help_1 = factory.activity(version, "e"), factory.activity(version, "Help 1")
    need, ahead = factory.need(version, "evidence", 2), factory.stage(version, 3)
    second, job = factory.second_version(version, designer)
    adopt_version(job_id=job.pk)
    deal.refresh_from_db()
    assert deal.version == second
    client = client_of(rep)
    posts = {
        "log_signal": {"choice": f"{e.pk}:confirmed"},
        "log_effort": {"activity": help_1.pk},
        "meet_need": {"need": need.pk, "word": "confirmed"},
        "log_stage": {"stage": ahead.pk},
    }
    for name, data in posts.items():
        assert client.post(reverse(f"deals:{name}", args=[deal.pk]), data, headers=HTMX).status_code == 200, name
    deal.refresh_from_db()
    for fact in (deal.signals.latest("pk").activity, deal.efforts.get().activity, deal.needs_met.latest("pk").need):
        assert fact.stage.version == second
    assert (deal.stage.version, deal.stage.name) == (second, ahead.name)
