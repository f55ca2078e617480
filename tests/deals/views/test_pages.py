"""The deals' pages: who sees them, what they cost, what a click on them does."""

import csv
import html
import io
from datetime import timedelta

import pytest
from django.db.models import Avg
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from core import scope
from core.exceptions import ApplicationError
from deals import services
from deals.models import Alignment, Contact, Deal, NeedMet, Signal, StageEvent
from deals.selectors.listing import SORTS, DealFilters, count_of, in_order, narrowed, page_of_list
from deals.selectors.team import team_page
from tests.factories import deals as factory
from tests.factories.accounts import MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def version(workspace, designer):
    with scope.in_workspace(workspace.pk):
        yield factory.live_version(workspace, designer)


@pytest.fixture
def deal(rep, version):
    made = factory.deal(rep, version, stage=factory.stage(version, 2), amount=184000, currency="EUR")
    factory.check_signals(made, version, rep)
    services.alignments_recompute_stale()
    return made


@pytest.fixture
def rows(rep, version):
    """Give a function that makes so many scored deals."""

    def make(count):
        deals = [
            factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, number % 3 + 1))
            for number in range(count)
        ]
        for each in deals:
            factory.check_signals(each, version, rep)
            services.deal_log_effort(deal=each, activity=factory.activity(version, "Help 2"), actor=rep)
            services.contact_add(deal=each, name="Ada", role=factory.need(version, "role", 1).code, actor=rep)
        services.alignments_recompute_stale()
        return deals

    return make


ONE_DEAL = ["deal", "state", "explained", "edit", "log_stage", "log_signal", "log_effort", "contact_add", "close"]


@pytest.mark.parametrize("name", ONE_DEAL)
def test_page_of_a_deal_by_person(name, deal, rep, designer, colleague, manager, admin, outsider, client_of):
    url = reverse(f"deals:{name}", args=[deal.pk])
    assert client_of(rep).get(url).status_code == 200
    assert client_of(designer).get(url).status_code == 200
    for stranger in (colleague, manager, outsider):
        assert client_of(stranger).get(url).status_code == 404
    assert client_of(admin).get(url).status_code == 403


@pytest.mark.parametrize("name", ["log_stage", "log_signal", "log_effort", "close", "reopen", "retry", "contact_add"])
def test_stranger_writes_nothing(name, deal, colleague, outsider, client_of):
    url = reverse(f"deals:{name}", args=[deal.pk])
    before = Alignment.objects.get(deal=deal).inputs_version
    for stranger in (colleague, outsider):
        assert client_of(stranger).post(url, {"outcome": "won", "name": "x"}).status_code == 404
    assert Alignment.objects.get(deal=deal).inputs_version == before


def test_shared_deal_and_team_deal_are_visible(deal, rep, colleague, manager, workspace, client_of):
    services.deal_share(deal=deal, members=[colleague], actor=rep)
    rep.team = TeamFactory(workspace=workspace, manager=manager)
    rep.save()
    for person in (colleague, manager):
        assert client_of(person).get(deal.get_absolute_url()).status_code == 200
        assert client_of(person).get(reverse("deals:log_signal", args=[deal.pk])).status_code == 200
    other = MembershipFactory(workspace=workspace, role=Role.MANAGER)
    assert client_of(other).get(deal.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(count, rows, rep, client_of, django_assert_num_queries):
    rows(count)
    client = client_of(rep)
    client.get(reverse("deals:list"))  # the first page of a session stores it
    with django_assert_num_queries(10):  # session, person, membership, workspaces; views, three choices; rows, count
        response = client.get(reverse("deals:list"))
    assert response.content.decode().count('data-label="Alignment"') == count


@pytest.mark.parametrize("count", [1, 3])
def test_board_costs_the_same_for_one_and_three(count, rows, rep, client_of, django_assert_num_queries):
    rows(count)
    client = client_of(rep)
    client.get(reverse("deals:board"))  # the first page of a session stores it
    with django_assert_num_queries(9):  # four of the shell; versions and how many by each, columns, cards, stages
        response = client.get(reverse("deals:board"))
    assert response.content.decode().count("deal-card__name") == count


@pytest.mark.parametrize("count", [1, 3])
def test_deal_costs_the_same_for_one_and_three(count, rows, rep, version, client_of, django_assert_num_queries):
    deal = rows(count)[0]
    for _ in range(count):
        services.deal_log_signal(deal=deal, activity=factory.activity(version, "a"), word="observed", actor=rep)
    client = client_of(rep)
    client.get(deal.get_absolute_url())
    with django_assert_num_queries(
        15
    ):  # four of the shell; the deal; six of its inputs; history, course, people, alerts
        client.get(deal.get_absolute_url())


@pytest.mark.parametrize("count", [1, 3])
def test_team_costs_the_same_for_one_and_three(count, rows, designer, client_of, django_assert_num_queries):
    rows(count)
    client = client_of(designer)
    client.get(reverse("deals:team"))  # the first page of a session stores it
    with django_assert_num_queries(
        12
    ):  # four of the shell; teams, versions by deals, stages, cells, people, two courses
        client.get(reverse("deals:team"))


@pytest.mark.parametrize("count", [1, 3])
def test_today_costs_the_same_for_one_and_three(count, rows, rep, client_of, django_assert_num_queries):
    rows(count)
    client = client_of(rep)
    client.get(reverse("deals:today"))  # the first page of a session stores it
    with django_assert_num_queries(11):  # four of the shell; deals; six of their inputs
        client.get(reverse("deals:today"))


def test_list_filters_and_keeps_what_is_not_ours_out(rows, rep, colleague, version, client_of):
    rows(3)
    factory.deal(colleague, version, name="Not yours")
    client = client_of(rep)

    def names(**query):
        page = client.get(reverse("deals:list"), query, headers=HTMX).content.decode()
        assert "Not yours" not in page
        return [name for name in ("Deal 0", "Deal 1", "Deal 2") if name in page]

    assert names() == ["Deal 0", "Deal 1", "Deal 2"]
    assert names(stage=factory.stage(version, 1).pk) == ["Deal 0"]
    assert names(q="deal 2") == names(q="2 DEA") == ["Deal 2"]
    assert names(q="eal 2") == names(q="!&|:*(") == []
    assert names(outcome="won") == []
    assert names(band="none") == names(gap="ahead") == names(chaos="circles") == []
    assert names(gap="behind") == ["Deal 0"]
    assert names(chaos="calm", chance="unlikely") == []
    assert names(likely=factory.stage(version, 3).pk) == ["Deal 0", "Deal 1", "Deal 2"]
    assert names(owner="x", stage="nonsense", sort="'; drop", page="zz") == ["Deal 0", "Deal 1", "Deal 2"]


def test_list_sorts_by_alignment_with_the_unscored_last(rows, rep, version, client_of):
    deals = rows(3)
    factory.deal(rep, version, name="Unscored")
    scores = dict(Alignment.objects.values_list("deal__name", "score"))
    wanted = [*sorted((each.name for each in deals), key=lambda name: scores[name]), "Unscored"]
    page = client_of(rep).get(reverse("deals:list"), {"sort": "alignment"}).content.decode()
    assert sorted(wanted, key=lambda name: page.index(f">{name}<")) == wanted


def test_pages_show_each_deal_once_there_and_back(rows, rep, version):
    rows(3)
    for name in ("Unscored 1", "Unscored 2"):
        factory.deal(rep, version, name=name)
    deals = narrowed(rep, DealFilters())
    for sort in (f"{sign}{name}" for name in SORTS for sign in ("", "-")):
        order = [each.pk for each in in_order(deals, sort)]
        page, pages = page_of_list(deals, sort, size=2), []
        while True:
            pages.append(page)
            if not page.after:
                break
            page = page_of_list(deals, sort, after=page.after, size=2)
        assert [each.pk for each in (row for one in pages for row in one.deals)] == order, sort
        assert len(set(order)) == 5
        assert pages[0].before == ""
        assert page_of_list(deals, sort, before=pages[2].before, size=2) == pages[1], sort
        assert page_of_list(deals, sort, before=pages[1].before, size=2) == pages[0], sort


def test_place_that_cannot_be_read_is_the_beginning(rows, rep, client_of):
    rows(1)
    client = client_of(rep)
    for place in ("x", "0", "1~nan", "1~x", "~", "1~\x00", "9" * 30):
        page = client.get(reverse("deals:list"), {"sort": "alignment", "after": place}, headers=HTMX).content.decode()
        assert "Deal 0" in page, place


def test_export_is_safe_to_open(rep, version, client_of):
    factory.deal(rep, version, name='=HYPERLINK("http://x")', account="@account")
    text = client_of(rep).get(reverse("deals:export")).getvalue().decode("utf-8-sig")
    [row] = list(csv.DictReader(io.StringIO(text)))
    assert row["Deal"].startswith("'=")
    assert row["Account"].startswith("'@")


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
    # Also where somebody leaves the direction out, the service asks.
    assert client.post(url, {"stage": first.pk}, headers=HTMX).status_code == 422
    done = client.post(url, {"stage": first.pk, "direction": "back", "note": "Finance asked again"}, headers=HTMX)
    assert done.status_code == 200
    assert Deal.objects.get(pk=deal.pk).stage == first


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
    client.post(url, {"need": evidence.pk, "word": "confirmed"}, headers=HTMX)
    assert NeedMet.objects.get(deal=deal).need == evidence
    role = factory.need(version, "role", 1).code
    client.post(
        reverse("deals:contact_add", args=[deal.pk]), {"name": "Ada", "role": role.pk, "engaged": "on"}, headers=HTMX
    )
    contact = Contact.objects.get(deal=deal)
    assert (contact.name, contact.role, contact.engaged) == ("Ada", role, True)
    client.post(reverse("deals:contact", args=[deal.pk, contact.pk]), {"name": "Ada L", "role": ""}, headers=HTMX)
    contact.refresh_from_db()
    assert (contact.name, contact.role, contact.engaged) == ("Ada L", None, False)


def test_close_and_reopen(deal, rep, client_of):
    client = client_of(rep)
    client.post(
        reverse("deals:close", args=[deal.pk]), {"outcome": "no_decision", "note": "Budget frozen"}, headers=HTMX
    )
    assert Deal.objects.get(pk=deal.pk).outcome == "no_decision"
    page = client.get(deal.get_absolute_url()).content.decode()
    assert "Budget frozen" in page
    assert "Move stage…" not in page
    assert client.get(reverse("deals:reopen", args=[deal.pk])).status_code == 404, "nothing changes by looking"
    client.post(reverse("deals:reopen", args=[deal.pk]))
    assert Deal.objects.get(pk=deal.pk).outcome == "open"


def test_open_page_hears_of_a_new_score_once(deal, rep, version, client_of):
    client, url = client_of(rep), reverse("deals:state", args=[deal.pk])
    page = client.get(deal.get_absolute_url()).content.decode()
    seen = page.split("?seen=")[1].split('"')[0]
    assert "every 30s" in page
    assert client.get(url, {"seen": seen}, headers=HTMX).status_code == 204
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "b"), word="observed", actor=rep)
    stale = client.get(url, {"seen": seen}, headers=HTMX).content.decode()
    assert "every 1s" in stale
    assert "computing" in stale
    seen = stale.split("?seen=")[1].split('"')[0]
    assert client.get(url, {"seen": seen}, headers=HTMX).status_code == 204
    services.alignments_recompute_stale()
    fresh = client.get(url, {"seen": seen}, headers=HTMX).content.decode()
    assert "every 1s" not in fresh


def test_given_up_score_offers_a_retry(deal, rep, client_of):
    Alignment.objects.filter(deal=deal).update(inputs_version=99, attempts=5, error="ValueError: broken")
    client = client_of(rep)
    page = client.get(deal.get_absolute_url()).content.decode()
    assert "ValueError: broken" in page
    assert "every 1s" not in page
    client.post(reverse("deals:retry", args=[deal.pk]))
    assert services.alignments_recompute_stale() == 1


def test_new_deal_and_edit(rep, colleague, client_of):
    client = client_of(rep)
    client.post(
        reverse("deals:new"),
        {"name": "Mill", "owner": rep.pk, "amount": "12.50", "currency": "EUR", "channels": ["partner"],
         "shared_with": [colleague.pk]},
    )  # fmt: skip
    made = Deal.objects.get(name="Mill")
    assert (made.owner, made.channels, list(made.shared_with.all())) == (rep, ["partner"], [colleague])
    wrong = client.post(reverse("deals:new"), {"name": "", "amount": "-1", "currency": "euro"})
    assert wrong.status_code == 422
    assert client.post(reverse("deals:edit", args=[made.pk]), {"name": "Mill 2", "owner": rep.pk}).status_code == 302
    assert Deal.objects.get(pk=made.pk).name == "Mill 2"


def seen_in(response):
    return html.unescape(response.content.decode().split('name="seen" value="')[1].split('"')[0])


def test_edit_shows_what_somebody_changed_meanwhile(deal, rep, designer, client_of):
    client, url = client_of(rep), reverse("deals:edit", args=[deal.pk])
    seen = seen_in(client.get(url))
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, account="Theirs Ltd")
    mine = {"name": deal.name, "account": "Mine Ltd", "owner": rep.pk, "seen": seen}
    response = client.post(url, mine)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Theirs Ltd" in page
    assert "Mine Ltd" in page
    mine["seen"] = seen_in(response)
    assert client.post(url, mine).status_code == 302
    assert Deal.objects.get(pk=deal.pk).account == "Mine Ltd"


def test_edit_keeps_what_somebody_else_changed_in_other_fields(deal, rep, colleague, designer, client_of):
    client, url = client_of(rep), reverse("deals:edit", args=[deal.pk])
    seen = seen_in(client.get(url))
    services.deal_share(deal=deal, members=[colleague], actor=designer)
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, channels=["partner"])
    services.deal_log_stage(deal=deal, stage=factory.stage(deal.version, 3), actor=designer)
    mine = {"name": deal.name, "account": "Mine Ltd", "owner": rep.pk, "seen": seen}
    assert client.post(url, mine).status_code == 302
    now = Deal.objects.get(pk=deal.pk)
    assert (now.account, now.channels, list(now.shared_with.all())) == ("Mine Ltd", ["partner"], [colleague])


def test_nobody_loses_a_deal_by_leaving_it_to_nobody(deal, rep, designer, client_of):
    client = client_of(rep)
    for url in (reverse("deals:new"), reverse("deals:edit", args=[deal.pk])):
        response = client.post(url, {"name": "Whose", "owner": ""})
        assert response.status_code == 422
        assert "owner" in response.context["form"].errors
    with pytest.raises(ApplicationError) as refused:
        services.deal_update(deal=deal, actor=rep, owner=None)
    assert list(refused.value.fields) == ["owner"]
    services.deal_update(deal=deal, actor=designer, owner=None)
    assert Deal.objects.get(pk=deal.pk).owner is None


def test_signed_out_page_is_told_so_and_gets_no_sign_in_page(deal, client):
    answer = client.get(deal.get_absolute_url(), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_team_shows_where_we_are_against_where_they_are(rows, rep, manager, workspace, version, client_of):
    rows(3)
    rep.team = TeamFactory(workspace=workspace, manager=manager)
    rep.save()
    page = client_of(manager).get(reverse("deals:team")).content.decode()
    first, third = factory.stage(version, 1), factory.stage(version, 3)
    assert f"?stage={first.pk}&amp;likely={third.pk}" in page
    assert "Rolf Rep" in page
    assert "under 40" in page
    own = client_of(rep).get(reverse("deals:team")).content.decode()
    assert f"?stage={first.pk}&amp;likely={third.pk}" in own, "a rep sees their own"


def test_cell_of_the_team_page_leads_to_its_deals(rows, rep, manager, workspace, version, client_of):
    rows(3)
    rep.team = TeamFactory(workspace=workspace, manager=manager)
    rep.save()
    Alignment.objects.filter(deal__name="Deal 0").update(score=None)
    page = team_page(manager, team_id=rep.team.pk, version_id=0, today=timezone.localdate())
    counts = {(cell.stage.pk, cell.likely.pk): cell.count for row in page.rows for cell in row.cells}
    assert sum(counts.values()) == sum(page.totals) == page.summary.scored == 2
    for (stage, likely), count in counts.items():
        listed = narrowed(manager, DealFilters(stage=stage, likely=likely, team=rep.team.pk))
        assert count_of(listed).rows == count
    assert page.summary.mean == pytest.approx(
        Alignment.objects.filter(score__isnull=False).aggregate(mean=Avg("score"))["mean"]
    )


def test_board_loads_the_rest_of_a_column(rows, rep, version, client_of, monkeypatch):
    monkeypatch.setattr("deals.selectors.board.CARDS", 2)
    for deal in rows(4):
        services.deal_log_stage(deal=deal, stage=factory.stage(version, 3), actor=rep)
    services.alignments_recompute_stale()
    client, url = client_of(rep), reverse("deals:board")
    page = client.get(url).content.decode()
    assert page.count("deal-card__name") == 2
    address = html.unescape(page.split("data-more-cards")[0].rpartition('hx-get="')[2].partition('"')[0])
    rest = client.get(address, headers=HTMX).content.decode()
    assert rest.count("deal-card__name") == 2
    assert "data-more-cards" not in rest
    assert {name for name in ("Deal 0", "Deal 1", "Deal 2", "Deal 3") if name in page + rest} == {
        "Deal 0", "Deal 1", "Deal 2", "Deal 3",
    }  # fmt: skip
    assert client.get(address.replace("after=", "after=x"), headers=HTMX).status_code == 200


def test_team_of_another_manager_is_empty(rows, workspace, client_of):
    rows(1)
    other = MembershipFactory(workspace=workspace, role=Role.MANAGER)
    assert "No open deals in this team" in client_of(other).get(reverse("deals:team")).content.decode()


def test_today_names_the_next_best_help(deal, rep, colleague, client_of):
    Alignment.objects.filter(deal=deal).update(score=20.0)
    assert "Harbour Mills" in client_of(rep).get(reverse("deals:today")).content.decode()
    assert "Harbour Mills" not in client_of(colleague).get(reverse("deals:today")).content.decode()


def test_search_finds_what_one_may_see(deal, rep, colleague, client_of):
    url = reverse("deals:search")
    assert deal.get_absolute_url() in client_of(rep).get(url, {"q": "harbour"}).content.decode()
    assert client_of(colleague).get(url, {"q": "harbour"}).content.decode().strip() == ""
    assert client_of(rep).get(url, {"q": "\x00"}).status_code == 200


def test_delay_speaks_up_after_a_minute(deal, rep, client_of):
    client, url = client_of(rep), reverse("deals:delay")
    assert client.get(url).content.decode().strip() == ""
    now = timezone.now()
    Alignment.objects.filter(deal=deal).update(inputs_version=99, stale_since=now - timedelta(seconds=30))
    assert client.get(url).content.decode().strip() == ""
    Alignment.objects.filter(deal=deal).update(stale_since=now - timedelta(seconds=70))
    assert "Scores are delayed" in client.get(url).content.decode()


def test_texts_of_others_are_shown_as_text(rep, version, client_of):
    nasty = "<script>alert(1)</script>"
    deal = factory.deal(rep, version, name=nasty, account=nasty, stage=factory.stage(version, 2))
    a = factory.activity(version, "a")
    services.deal_log_signal(deal=deal, activity=a, word="observed", actor=rep, note=nasty)
    services.contact_add(deal=deal, name=nasty, actor=rep)
    services.alignments_recompute_stale()
    client = client_of(rep)
    for url in (deal.get_absolute_url(), reverse("deals:list"), reverse("deals:board"), reverse("deals:today")):
        assert nasty not in client.get(url).content.decode()


def test_undone_stage_and_foreign_facts(deal, rep, version, client_of):
    client = client_of(rep)
    client.post(reverse("deals:log_stage", args=[deal.pk]), {"stage": factory.stage(version, 3).pk})
    event = StageEvent.objects.filter(deal=deal).latest("pk")
    other = factory.deal(rep, version, name="Other")
    for wrong in ([other.pk, "stage", event.pk], [deal.pk, "nonsense", event.pk], [deal.pk, "signal", 0]):
        assert client.post(reverse("deals:retract", args=wrong)).status_code == 404
    client.post(reverse("deals:retract", args=[deal.pk, "stage", event.pk]))
    assert Deal.objects.get(pk=deal.pk).stage == factory.stage(version, 2)
