"""What customers need to know, by stage and channel, and where we are not."""

import pytest

from buying_process import services
from buying_process.models import StageActivity, StageNeed
from buying_process.selectors import information_map
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    """Tell in the first stage of a price, online and nowhere in particular; by partners, of nothing."""
    one, two, three, *_ = make.check_interviews(in_workspace)
    make.beside(one, "Price", "information", "The price.", channel="")
    make.beside(one, "Web", "channel", "On the web.", channel="online")
    make.beside(two, "Price", "information", "What it costs.")
    make.beside(three, "Reseller", "channel", "From a reseller.", channel="partner")
    return make.draft(in_workspace, designer, stages=3)


def first(draft):
    """Give the cells of the first stage by channel."""
    return {cell.channel: cell for cell in information_map(draft).rows[0].cells}


def test_needs_stand_by_stage_and_channel_with_who_said_so(draft):
    cells = first(draft)
    assert list(cells) == ["online", "traditional", "partner", "sales", ""]
    (online,), (untold,) = cells["online"].wanted, cells[""].wanted
    assert (online.need.told, untold.need.told) == (1, 1)
    assert [(quote.text, quote.speaker.customer) for quote in online.quotes] == [("The price.", "Customer 1")]
    assert [quote.text for quote in untold.quotes] == ["What it costs."]
    assert [cells[channel].users for channel in cells] == [1, 0, 1, 0, 0]


def test_gaps_are_where_customers_are_and_we_are_not(draft, designer):
    stage = draft.stages.get(position=0)
    gaps = {(gap.position, cell.channel) for gap, cell in information_map(draft).gaps}
    assert gaps == {(0, "online"), (0, "partner"), (0, "")}
    add = {"stage": stage, "purpose": "facilitates", "actor": designer}
    services.stage_activity_add(name="Pages", actor_kind="marketing", **add)
    assert first(draft)["online"].is_gap  # nobody said that the pages are online
    pages = StageActivity.objects.get(name="Pages")
    services.stage_activity_update(activity=pages, channels=["sales", "online"], actor=designer)
    services.stage_activity_add(name="Reseller's stock", actor_kind="partner", **add)
    services.stage_activity_add(name="Design review", actor_kind="sales", **add | {"purpose": "independent"})
    cells = first(draft)
    assert [[activity.name for activity in cell.ours] for cell in cells.values()] == [
        ["Pages"],
        [],
        ["Reseller's stock"],
        ["Pages"],
        [],
    ]
    assert [cell.is_gap for cell in cells.values()] == [False, False, False, False, True]
    assert [(total.wanted, total.stages, total.reached) for total in information_map(draft).totals] == [
        (1, 1, 1),
        (0, 0, 0),
        (0, 1, 1),
        (0, 0, 0),
        (1, 1, 0),
    ]
    services.edit_undo(version=draft, actor=designer)
    services.edit_undo(version=draft, actor=designer)
    services.edit_undo(version=draft, actor=designer)
    assert StageActivity.objects.get(pk=pages.pk).channels == []


def test_need_that_a_person_puts_on_a_channel_keeps_its_words(draft, designer):
    need = StageNeed.objects.get(name="Price", channel="")
    services.stage_need_update(need=need, name="Price", channel="sales", actor=designer)
    (moved,) = first(draft)["sales"].wanted
    assert (moved.need.told, [quote.text for quote in moved.quotes]) == (1, ["What it costs."])
    services.stage_need_add(stage=need.stage, kind="information", name="Lead time", channel="sales", actor=designer)
    assert [known.quotes for known in first(draft)["sales"].wanted][1] == ()


def test_map_takes_six_queries(draft, django_assert_num_queries):
    with django_assert_num_queries(6):
        information_map(draft)
