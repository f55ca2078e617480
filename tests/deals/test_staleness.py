"""Whatever a score depends on marks it stale by the database itself, row by row and in bulk; the rest does not."""

import pytest
from django.db import connection
from django.utils import timezone

from deals.models import Alignment, Contact, Deal, Effort, NeedMet, Signal, StageEvent
from tests.factories import deals as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_workspace")]


@pytest.fixture
def version(workspace, designer):
    return factory.live_version(workspace, designer)


def rows(model, version, deals):
    shared = [{"workspace_id": deal.workspace_id, "deal": deal} for deal in deals]
    now = timezone.now()
    own = {
        Signal: {"activity": factory.activity(version, "a"), "word": "observed", "occurred_at": now},
        Effort: {"activity": factory.activity(version, "Help 1"), "occurred_at": now},
        NeedMet: {"need": factory.need(version, "evidence", 1), "word": "observed", "occurred_at": now},
        StageEvent: {"to_stage": factory.stage(version, 2), "occurred_at": now},
        Contact: {"name": "Somebody"},
    }[model]
    return [model(**each, **own) for each in shared]


def versions_of(deals):
    found = dict(Alignment.objects.values_list("deal_id", "inputs_version"))
    return [found[deal.pk] for deal in deals]


def bulk_on():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesflow.bulk = 'on'")


@pytest.mark.parametrize("model", [Signal, Effort, NeedMet, StageEvent, Contact])
def test_logged_change_makes_the_deal_stale(model, version, rep):
    deal, other = factory.deal(rep, version), factory.deal(rep, version, name="Other")
    before, untouched = versions_of([deal, other])
    [row] = rows(model, version, [deal])
    row.save()
    assert versions_of([deal, other]) == [before + 1, untouched]


@pytest.mark.parametrize("model", [Signal, Effort, NeedMet, StageEvent])
def test_taking_back_makes_the_deal_stale(model, version, rep):
    deal = factory.deal(rep, version)
    [row] = rows(model, version, [deal])
    row.save()
    [before] = versions_of([deal])
    row.retracted_at = timezone.now()
    row.save(update_fields=["retracted_at"])
    assert versions_of([deal]) == [before + 1]


@pytest.mark.parametrize("model", [Signal, Effort, NeedMet, StageEvent, Contact])
def test_bulk_load_makes_each_of_its_deals_stale_once(model, version, rep):
    deals = [factory.deal(rep, version, name=f"Deal {number}") for number in range(3)]
    Alignment.objects.update(urgent=False)
    before = versions_of(deals)
    bulk_on()
    model.objects.bulk_create(rows(model, version, deals * 2))
    assert versions_of(deals) == [value + 1 for value in before]
    assert not Alignment.objects.filter(urgent=True).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("channels", ["sales"]), ("outcome", "won"), ("opened_at", timezone.now()), ("stage", None), ("version", None)],
)
def test_change_of_what_a_score_reads_makes_the_deal_stale(field, value, version, rep):
    deal = factory.deal(rep, version, stage=factory.stage(version, 1))
    [before] = versions_of([deal])
    Deal.objects.filter(pk=deal.pk).update(**{field: value})
    assert versions_of([deal]) == [before + 1]


@pytest.mark.parametrize(("field", "value"), [("name", "Another name"), ("amount", 5), ("owner_name", "Ben")])
def test_change_of_what_no_score_reads_leaves_the_deal_fresh(field, value, version, rep):
    deal = factory.deal(rep, version)
    [before] = versions_of([deal])
    Deal.objects.filter(pk=deal.pk).update(**{field: value})
    assert versions_of([deal]) == [before]


def test_stale_row_remembers_since_when(version, rep):
    deal = factory.deal(rep, version)
    Alignment.objects.update(scored_version=1, stale_since=None)
    [row] = rows(Signal, version, [deal])
    row.save()
    first = Alignment.objects.get(deal=deal).stale_since
    rows(Effort, version, [deal])[0].save()
    assert first is not None
    assert Alignment.objects.get(deal=deal).stale_since == first


@pytest.mark.parametrize("model", [Signal, Effort, NeedMet, StageEvent])
def test_logged_rows_are_append_only(model, version, rep):
    from django.db import Error, transaction

    deal = factory.deal(rep, version)
    [row] = rows(model, version, [deal])
    row.save()
    row.note = "rewritten"
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        row.save()
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        row.delete()


def test_the_score_stands_beside_what_the_deal_is(version, rep, colleague):
    deals = [factory.deal(rep, version, name=f"Deal {number}", stage=factory.stage(version, 1)) for number in range(3)]
    before = versions_of(deals)
    Deal.objects.update(owner=colleague)
    assert versions_of(deals) == before, "whose deal it is makes no score stale"
    assert held_beside() == held_by_deals()
    for change in (
        {"owner": None, "stage": factory.stage(version, 2)},
        {"outcome": "won"},
        {"outcome": "open", "stage": None},
        {"version": None},
        {"version": version, "owner": rep},
    ):
        Deal.objects.filter(pk__in=[deal.pk for deal in deals[:2]]).update(**change)
        assert held_beside() == held_by_deals()
    colleague.delete()
    assert held_beside() == held_by_deals()


def held_beside():
    rows = Alignment.objects.values_list("deal_id", "owner_id", "version_id", "stage_id", "is_open")
    return {deal_id: tuple(held) for deal_id, *held in rows}


def held_by_deals():
    rows = Deal.objects.values_list("pk", "owner_id", "version_id", "stage_id", "outcome")
    return {deal_id: (*held, outcome == "open") for deal_id, *held, outcome in rows}
