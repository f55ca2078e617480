"""Cursor pages: every row once, in order, whatever is added or equal."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import scope
from deals.models import Deal

pytestmark = pytest.mark.django_db
DEALS = "/api/v1/deals/"


@pytest.fixture
def api(api_of, designer):
    return api_of(designer)


@pytest.fixture
def deals(workspace):
    opened = timezone.now() - timedelta(days=3)
    with scope.in_workspace(workspace.pk):
        return Deal.objects.bulk_create(
            Deal(workspace=workspace, name=f"Deal {number % 3}", opened_at=opened) for number in range(11)
        )


def walk(api, address, way="next"):
    pages = []
    while address:
        page = api.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        address = page[way]
    return pages


@pytest.mark.parametrize("ordering", ["opened_at", "-opened_at", "name", "-name", "created_at", "-updated_at"])
def test_each_row_comes_once_also_where_values_are_equal(api, deals, ordering):
    pages = walk(api, f"{DEALS}?page_size=2&ordering={ordering}")
    assert [len(page) for page in pages] == [2, 2, 2, 2, 2, 1]
    found = [pk for page in pages for pk in page]
    field, falls = ordering.removeprefix("-"), ordering.startswith("-")
    expected = sorted(deals, key=lambda deal: (getattr(deal, field), deal.pk), reverse=falls)
    assert found == [str(deal.pk) for deal in expected]


def test_back_again(api, deals):
    last = api.get(f"{DEALS}?page_size=4&ordering=name").json()
    while last["next"]:
        last = api.get(last["next"]).json()
    back = walk(api, last["previous"], "previous")
    first = api.get(f"{DEALS}?page_size=4&ordering=name").json()
    assert [len(page) for page in back] == [4, 4]
    assert back[-1] == [row["id"] for row in first["results"]]
    assert first["previous"] is None


def test_what_is_added_meanwhile_moves_nothing(api, deals, workspace):
    first = api.get(f"{DEALS}?page_size=5").json()
    with scope.in_workspace(workspace.pk):
        Deal.objects.create(workspace=workspace, name="New", opened_at=timezone.now())
    second = api.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [str(deal.pk) for deal in reversed(deals)][5:10]


def test_filters_stay_on_the_next_page(api, deals):
    page = api.get(f"{DEALS}?page_size=1&outcome=open&opened_before=2999-01-01T00:00:00Z").json()
    assert "outcome=open" in page["next"]
    assert "opened_before=2999" in page["next"]


@pytest.mark.parametrize("cursor", ["x", "eyJhZnRlciI6W119", "eyJhZnRlciI6WyJhYmMiXSwiYmFjayI6ZmFsc2V9", "é"])
def test_strange_cursor_is_404(api, deals, cursor):
    assert api.get(DEALS, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("size", ["0", "501", "-1", "ten", "1_0", "٣", ""])
def test_strange_page_size_is_400(api, deals, size):
    assert api.get(DEALS, {"page_size": size}).status_code == 400


def test_deep_page_costs_what_the_first_costs(api, deals, django_assert_num_queries):
    deep = walk(api, f"{DEALS}?page_size=2")
    assert len(deep) == 6
    first = api.get(f"{DEALS}?page_size=2").json()
    with CaptureQueriesContext(connection) as told:
        api.get(f"{DEALS}?page_size=2")
    with django_assert_num_queries(len(told)):
        api.get(first["next"])
    assert sum("deals_deal" in query["sql"] for query in told) == 1
