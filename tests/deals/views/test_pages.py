"""The deals' pages: who sees them, what they cost and what they say."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.db.models import Avg
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from deals import services
from deals.models import Alert, Alignment, Course, Deal
from deals.selectors.board import board_of
from deals.selectors.history import events_of
from deals.selectors.listing import NO_STAGE, SORTS, DealFilters, count_of, in_order, narrowed, page_of_list
from deals.selectors.team import team_page
from deals.views.deal import EVENTS_SHOWN
from tests.factories import deals as factory
from tests.factories.accounts import MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
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
        assert f"card-{deal.pk}" in client_of(person).get(reverse("deals:board")).content.decode()
        assert team_page(person, team_id=0, version_id=0, today=timezone.localdate()).summary.deals == 1
    other = MembershipFactory(workspace=workspace, role=Role.MANAGER)
    assert client_of(other).get(deal.get_absolute_url()).status_code == 404
    assert "deal-card__name" not in client_of(other).get(reverse("deals:board")).content.decode()


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
    with django_assert_num_queries(9):  # four of the shell; counts, versions, stages, ranks, cards
        response = client.get(reverse("deals:board"))
    assert response.content.decode().count("deal-card__name") == count


@pytest.mark.parametrize("count", [1, 3])
def test_deal_costs_the_same_for_one_and_three(count, rows, rep, version, client_of, django_assert_num_queries):
    deal = rows(count)[0]
    for _ in range(count):
        services.deal_log_signal(deal=deal, activity=factory.activity(version, "a"), word="observed", actor=rep)
    Alert.objects.create(workspace_id=deal.workspace_id, deal=deal, kind="ahead")  # it names both stages
    client = client_of(rep)
    client.get(deal.get_absolute_url())
    with django_assert_num_queries(14):  # four of the shell; the deal; six of its inputs; history, course, alerts
        client.get(deal.get_absolute_url())


def test_deal_shows_the_latest_of_a_long_history_and_all_of_it_when_asked(deal, rep, version, client_of):
    for _ in range(EVENTS_SHOWN + 1):
        services.deal_log_signal(deal=deal, activity=factory.activity(version, "a"), word="observed", actor=rep)
    client, url = client_of(rep), reverse("deals:state", args=[deal.pk])
    everything = len(events_of(deal))
    for address in (deal.get_absolute_url(), url):
        page = client.get(address).content.decode()
        assert page.count("history__at") == EVENTS_SHOWN
        assert f"Show all {everything}" in page
        assert "&amp;history=all" not in page
        page = client.get(address, {"history": "all"}).content.decode()
        assert page.count("history__at") == everything
        assert "Show the latest" in page
        assert "&amp;history=all" in page, "what keeps itself true keeps all of it"


@pytest.mark.parametrize("count", [1, 3])
def test_team_costs_the_same_for_one_and_three(count, rows, designer, client_of, django_assert_num_queries):
    rows(count)
    services.history_keep()
    Course.objects.update(on=timezone.localdate() - timedelta(days=8))
    client = client_of(designer)
    client.get(reverse("deals:team"))  # the first page of a session stores it
    with django_assert_num_queries(11):  # four of the shell; teams, all counts, versions, stages, weeks, course, names
        client.get(reverse("deals:team"))


@pytest.mark.parametrize("count", [1, 3])
def test_today_costs_the_same_for_one_and_three(count, rows, rep, client_of, django_assert_num_queries):
    rows(count)
    client = client_of(rep)
    client.get(reverse("deals:today"))  # the first page of a session stores it
    with django_assert_num_queries(12):  # four of the shell; deals; six of their inputs; those without a score
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
    assert "No deal fits these filters" in client.get(reverse("deals:list"), {"outcome": "won"}).content.decode()
    assert names(band="none") == names(gap="ahead") == names(chaos="circles") == []
    assert (names(gap="behind"), names(gap="together")) == (["Deal 0", "Deal 1"], ["Deal 2"])
    assert names(chaos="calm", chance="unlikely") == []
    assert names(likely=factory.stage(version, 3).pk) == ["Deal 0", "Deal 1", "Deal 2"]
    assert names(owner="x", stage="nonsense", sort="'; drop", page="zz") == ["Deal 0", "Deal 1", "Deal 2"]


def test_list_asks_again_while_a_score_that_it_shows_is_computed(rows, rep, version, client_of):
    deal = rows(2)[0]
    client, url = client_of(rep), reverse("deals:list")
    asks = 'hx-trigger="every 5s"'
    assert asks not in client.get(url).content.decode()
    services.deal_log_signal(deal=deal, activity=factory.activity(version, "f"), word="confirmed", actor=rep)
    assert asks in client.get(url, {"sort": "name"}).content.decode()
    again = client.get(url, {"sort": "name"}, headers=HTMX | {"HX-Trigger": "rows"}).content.decode()
    assert asks in again
    assert f'hx-get="{url}?sort=name"' in again
    assert "hx-swap-oob" not in again, "what is beside the rows is left to the person who uses it"
    Alignment.objects.filter(deal=deal).update(attempts=5)
    assert asks not in client.get(url).content.decode(), "what was given up is not waited for"


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
    for name in ("Unseen", "Without a process"):
        factory.deal(rep, version, name=name, stage=factory.stage(version, 3))
    Deal.objects.filter(name="Without a process").update(version=None, stage=None)
    services.alignments_recompute_stale()
    Alignment.objects.filter(deal__name="Deal 0").update(score=None, gap=None)
    Deal.objects.filter(name="Deal 1").update(stage=None)
    page = team_page(manager, team_id=rep.team.pk, version_id=0, today=timezone.localdate())
    counts = {
        (cell.stage.pk if cell.stage else NO_STAGE, cell.likely.pk): cell.count
        for row in page.rows
        for cell in row.cells
    }
    assert [row.total for row in page.rows if row.stage is None] == [1], "what has no stage is not left out"
    assert sum(counts.values()) == sum(page.totals) == page.summary.scored == 2
    for (stage, likely), count in counts.items():
        listed = narrowed(manager, DealFilters(stage=stage, likely=likely, team=rep.team.pk))
        assert count_of(listed).rows == count
    figures = page.summary
    assert (figures.ahead, figures.behind, figures.without_evidence) == (0, 1, 1)
    for figure, kept in (
        (figures.low, {"band": "low"}),
        (figures.ahead, {"gap": "ahead"}),
        (figures.behind, {"gap": "behind"}),
        (figures.without_evidence, {"band": "unseen"}),
    ):
        assert count_of(narrowed(manager, DealFilters(team=rep.team.pk, **kept))).rows == figure, kept
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
    hidden = Deal.objects.get(name=next(name for name in ("Deal 0", "Deal 1", "Deal 2", "Deal 3") if name in rest))
    moved = client.get(url, {"moved": hidden.pk}).content.decode()
    assert re.findall("card-([0-9]+)", moved)[0] == str(hidden.pk), "what was just moved is in sight, on top"
    address = html.unescape(moved.split("data-more-cards")[0].rpartition('hx-get="')[2].partition('"')[0])
    assert f"card-{hidden.pk}" not in client.get(address, headers=HTMX).content.decode()
    monkeypatch.setattr("deals.selectors.board.CARDS", 3)
    last = re.findall("card-([0-9]+)", rest)[-1]
    assert "data-more-cards" not in client.get(url, {"moved": last}).content.decode(), "with it on top, all are shown"


def test_board_shows_the_least_aligned_of_each_column(rep, version, monkeypatch):
    monkeypatch.setattr("deals.selectors.board.CARDS", 2)
    scores = {1: [90, None, 80, 70], 2: [30, 10, 20], 3: [None], None: [50, 5, 60]}
    for position, of_stage in scores.items():
        for score in of_stage:
            made = factory.deal(rep, version, stage=position and factory.stage(version, position))
            Alignment.objects.filter(deal=made).update(score=score)
    columns = {column.stage and column.stage.position + 1: column.deals for column in board_of(rep, 0).columns}
    found = {position: [deal.alignment.score for deal in deals] for position, deals in columns.items() if deals}
    assert found == {1: [70, 80], 2: [10, 20], 3: [None], None: [5, 50]}


def test_team_that_is_chosen_changes_the_head_too(rows, rep, workspace, designer, client_of):
    rows(1)
    rep.team = TeamFactory(workspace=workspace, name="North")
    rep.save()
    chosen = client_of(designer).get(reverse("deals:team"), {"team": rep.team.pk}, headers=HTMX).content.decode()
    assert re.search(r'hx-swap-oob="innerHTML:#page-heading">North</div>', chosen)
    assert re.search(r'hx-swap-oob="innerHTML:#page-subheading">1 open deal,', chosen)


def test_team_of_another_manager_is_empty(rows, workspace, client_of):
    rows(1)
    other = MembershipFactory(workspace=workspace, role=Role.MANAGER)
    assert "You lead no team yet" in client_of(other).get(reverse("deals:team")).content.decode()
    TeamFactory(workspace=workspace, manager=other)
    assert "No open deals in this team" in client_of(other).get(reverse("deals:team")).content.decode()


def test_today_names_the_next_best_help(deal, rep, colleague, designer, client_of):
    Alignment.objects.filter(deal=deal).update(score=20.0)
    assert "Harbour Mills" in client_of(rep).get(reverse("deals:today")).content.decode()
    assert "You have no open deals." in client_of(colleague).get(reverse("deals:today")).content.decode()
    Alignment.objects.filter(deal=deal).update(score=80.0, gap=0.0)
    assert "Every deal is in line" in client_of(designer).get(reverse("deals:today")).content.decode()


def test_deal_without_a_stage_says_so(version, rep, client_of):
    deal = factory.deal(rep, version)
    factory.check_signals(deal, version, rep)
    services.alignments_recompute_stale()
    page = client_of(rep).get(reverse("deals:explained", args=[deal.pk])).content.decode()
    assert "No stage is logged yet." in page


def test_guess_from_how_customers_begin_puts_us_ahead_nowhere(version, rep, designer, client_of):
    factory.deal(rep, version, stage=factory.stage(version, 3), days_old=1)
    services.alignments_recompute_stale()
    assert "Every deal is in line" in client_of(designer).get(reverse("deals:today")).content.decode()
    assert count_of(narrowed(designer, DealFilters(gap="ahead"))).rows == 0
    assert not Alert.objects.exists()


def test_search_finds_what_one_may_see(deal, rep, designer, colleague, outsider, client_of):
    url = reverse("deals:search")
    for one in (rep, designer):
        assert deal.get_absolute_url() in client_of(one).get(url, {"q": "mil harb"}).content.decode()
    for one in (colleague, outsider):
        assert client_of(one).get(url, {"q": "harbour"}).content.decode().strip() == ""
    assert client_of(designer).get(url, {"q": "arbour"}).content.decode().strip() == ""
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
