"""Views of the list: kept, opened first, shared, changed, deleted and brought back."""

import pytest
from django.urls import reverse

from deals.models import ListView
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db


def test_view_is_kept_opened_first_changed_deleted_and_brought_back(rep, version, client_of):
    factory.deal(rep, version, name="Harbour Mills")
    factory.deal(rep, version, name="Alder Works")
    client, listed = client_of(rep), reverse("deals:list")
    new = reverse("deals:view_new")
    dialog = client.get(f"{new}?q=harbour&sort=-amount&after=3~1&page=2&csrf=x").content.decode()
    assert 'value="q=harbour&amp;sort=-amount"' in dialog
    assert "Everybody here" not in dialog, "a rep's views are their own"
    refused = client.post(new, {"name": "", "query": ""})
    assert refused.status_code == 422
    made = client.post(new, {"name": "Mills", "query": "q=harbour&nonsense=1", "is_usual": "on", "is_shared": "on"})
    view = ListView.objects.get()
    assert (view.query, view.is_shared, made.url) == ("q=harbour", False, f"{listed}?view={view.pk}&q=harbour")
    again = client.post(new, {"name": "mills", "query": ""})
    assert "You have a view of this name already." in again.content.decode()

    assert client.get(listed).url == view.get_absolute_url()
    page = client.get(view.get_absolute_url()).content.decode()
    assert "Harbour Mills" in page
    assert "Alder Works" not in page
    assert "Keep these filters" not in page
    changed = client.get(f"{listed}?view={view.pk}&q=alder&sort=-amount", headers={"HX-Request": "true"})
    beside = changed.content.decode().partition('id="order" hx-swap-oob="true"')[2]
    assert '<option value="-amount" selected>' in beside, "the order that a heading gave is the form's too"
    assert "Keep these filters" in beside
    assert f"{new}?view={view.pk}&amp;q=alder&amp;sort=-amount" in beside, "what is seen is what is saved"
    client.post(reverse("deals:view_keep", args=[view.pk]), {"query": f"?view={view.pk}&q=alder&after=1"})
    client.post(reverse("deals:view_edit", args=[view.pk]), {"name": "Works"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Works", "q=alder")
    assert client.get(listed).status_code == 200, "it no longer opens first"

    gone = client.post(reverse("deals:view_delete", args=[view.pk]))
    after = client.get(gone.url).content.decode()
    assert "“Works” is deleted." in after
    assert client.get(reverse("deals:view_edit", args=[view.pk])).status_code == 404
    client.post(reverse("deals:view_restore", args=[view.pk]))
    assert ListView.objects.visible_to(rep).get() == view


def test_shared_view_is_used_by_all_and_changed_by_its_owner_and_sales_ops(
    rep, colleague, manager, designer, outsider, client_of
):
    new = reverse("deals:view_new")
    client_of(manager).post(new, {"name": "Low", "query": "band=low", "is_shared": "on"})
    client_of(rep).post(new, {"name": "Mine", "query": "band=high"})
    low, mine = ListView.objects.get(name="Low"), ListView.objects.get(name="Mine")
    page = client_of(colleague).get(reverse("deals:list")).content.decode()
    assert "Low" in page
    assert "Mine" not in page
    edit = reverse("deals:view_edit", args=[low.pk])
    client_of(colleague).post(edit, {"name": "Taken", "is_usual": "on"})
    low.refresh_from_db()
    assert low.name == "Low"
    assert client_of(colleague).get(reverse("deals:list")).url == low.get_absolute_url()
    for address in ("view_keep", "view_delete"):
        assert client_of(colleague).post(reverse(f"deals:{address}", args=[low.pk])).status_code == 403
        for stranger in (outsider, colleague):
            assert client_of(stranger).post(reverse(f"deals:{address}", args=[mine.pk])).status_code == 404
    client_of(designer).post(edit, {"name": "Lowest", "is_shared": "on"})
    low.refresh_from_db()
    assert low.name == "Lowest"
    gone = client_of(designer).post(reverse("deals:view_delete", args=[low.pk])).url
    assert "“Lowest” is deleted." in client_of(designer).get(gone).content.decode()
    assert "“Lowest” is deleted." not in client_of(colleague).get(gone).content.decode(), (
        "it is not theirs to bring back"
    )


@pytest.mark.parametrize(
    ("query", "current"),
    [({"outcome": "open", "sort": "name"}, True), ({"outcome": "all"}, False), ({"band": "low"}, False)],
)
def test_open_deals_are_shown_as_the_view_only_while_all_of_them_are(rep, client_of, query, current):
    page = client_of(rep).get(reverse("deals:list"), query).content.decode()
    assert ('aria-current="true">Open deals</a>' in page) == current
