"""The journey map's lanes and arcs."""

import re
from itertools import combinations

import pytest

from buying_process.selectors.journey_map import (
    Actor,
    JourneyMap,
    LaneKey,
    MapActivity,
    MapReturn,
    MapStage,
    Mode,
    Purpose,
    draw_arcs,
    levels,
    ports,
)


def stages(count: int) -> tuple[MapStage, ...]:
    return tuple(MapStage(id=i, name=f"Stage {i}", position=i, told=3, interviews=4) for i in range(count))


def points(path: str) -> list[float]:
    return [float(figure) for figure in re.findall(r"-?\d+(?:\.\d+)?", path)]


@pytest.mark.parametrize(
    ("actor", "purpose", "lane"),
    [
        ("customer", "own", "customer"),
        ("customer", "not_relevant", "customer"),
        ("customer", "independent", "customer"),
        ("marketing", "facilitates", "marketing"),
        ("sales", "facilitates", "sales"),
        ("partner", "facilitates", "partner"),
        ("sales", "independent", "ours"),
        ("partner", "independent", "ours"),
        ("internal", "independent", "ours"),
        ("internal", "facilitates", "ours"),
    ],
)
def test_lane_of_an_activity(actor: Actor, purpose: Purpose, lane: LaneKey) -> None:
    assert MapActivity(id=1, name="x", actor=actor, purpose=purpose).lane == lane


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("design", ["customer", "marketing", "sales", "partner", "ours"]),
        ("view", ["customer", "marketing", "sales", "ours"]),
        ("deal", ["customer", "marketing", "sales", "ours"]),
    ],
)
def test_lanes_left_out_when_empty_except_for_the_designer(mode: Mode, expected: list[str]) -> None:
    stage = MapStage(
        id=1,
        name="A",
        position=1,
        activities=(MapActivity(id=1, name="Deal desk", actor="internal", purpose="independent"),),
    )
    assert [key for key, _ in JourneyMap(stages=(stage,), mode=mode).lanes] == expected


def test_columns_keep_the_order_of_activities_in_each_lane() -> None:
    activities = (
        MapActivity(id=1, name="Visit", actor="sales", purpose="facilitates"),
        MapActivity(id=2, name="Ask around", actor="customer", purpose="own"),
        MapActivity(id=3, name="Call", actor="sales", purpose="facilitates"),
    )
    (column,) = JourneyMap(stages=(MapStage(id=1, name="A", position=1, activities=activities),)).columns
    assert [(cell.lane, [activity.id for activity in cell.activities]) for cell in column.cells] == [
        ("customer", [2]),
        ("marketing", []),
        ("sales", [1, 3]),
    ]


def test_phone_opens_the_likeliest_stage_and_ours() -> None:
    chances = (0.1, 0.6, 0.3, None)
    drawn = tuple(
        MapStage(id=i, name=str(i), position=i, probability=chance, seller_here=i == 2)
        for i, chance in enumerate(chances)
    )
    journey = JourneyMap(stages=drawn, mode="deal")
    assert [column.open for column in journey.columns] == [False, True, True, False]
    assert [column.likeliest for column in journey.columns] == [False, True, False, False]


def test_phone_opens_the_first_stage_without_a_deal() -> None:
    assert [column.open for column in JourneyMap(stages=stages(3)).columns] == [True, False, False]


def test_figure_left_out_when_next_to_nothing() -> None:
    assert [MapStage(id=1, name="A", position=1, probability=p).figure for p in (None, 0.049, 0.05, 0.46)] == [
        "",
        "",
        "5%",
        "46%",
    ]


def test_one_stage_without_returns_draws_nothing() -> None:
    arcs = draw_arcs(stages(1), [])
    assert (arcs.height, arcs.drawn, arcs.folded) == (0, (), ())
    assert arcs.description == "No returns to speak of."


def test_no_stages_draw_nothing() -> None:
    journey = JourneyMap(stages=())
    assert (journey.columns, journey.arcs.drawn) == ((), ())


def test_jumps_ahead_repeats_and_unknown_stages_are_no_arcs() -> None:
    given = [MapReturn(0, 2, 0.5), MapReturn(1, 1, 0.5), MapReturn(9, 1, 0.5), MapReturn(2, 0, 0.0)]
    arcs = draw_arcs(stages(3), given)
    assert (arcs.drawn, arcs.folded) == ((), ())


def test_an_arc_starts_and_lands_upright_over_its_stages() -> None:
    (arc,) = draw_arcs(stages(6), [MapReturn(4, 2, 0.31, seen=4, url="/r")]).drawn
    x1, y1, c1x, c1y, c2x, c2y, x2, y2 = points(arc.path)
    assert (x1, x2) == (c1x, c2x) == (750.0, 416.7)
    assert c1y == c2y
    assert y1 - y2 == 7  # the line ends inside its arrow
    assert arc.lands == 41.67
    assert arc.label_x == pytest.approx(58.33, abs=0.01)
    assert (arc.label, arc.url) == ("31%", "/r")
    assert arc.sentence == "31% go back from “Stage 4” to “Stage 2” (seen 4 times)"


def test_the_curve_reaches_the_height_under_its_label() -> None:
    arcs = draw_arcs(stages(6), [MapReturn(4, 2, 0.3), MapReturn(5, 1, 0.2)])
    for arc in arcs.drawn:
        _, y1, _, control, *_ = points(arc.path)
        top = 0.25 * y1 + 0.75 * control
        assert top - arc.label_y == pytest.approx(5, abs=0.2)
        assert arc.label_y > 10


def test_thickness_grows_with_the_share_and_has_an_end() -> None:
    arcs = draw_arcs(stages(6), [MapReturn(5, 1, 0.9), MapReturn(4, 2, 0.31), MapReturn(3, 2, 0.14)])
    assert [arc.stroke for arc in arcs.drawn] == [6.5, 5.12, 3.08]
    assert [arc.arrow for arc in arcs.drawn] == [1.61, 1.44, 1.19]


def test_positions_may_begin_anywhere_and_have_holes() -> None:
    drawn = tuple(MapStage(id=i, name=str(i), position=position) for i, position in enumerate((10, 20, 40)))
    (arc,) = draw_arcs(drawn, [MapReturn(40, 10, 0.2)]).drawn
    assert arc.lands == 16.67


def test_small_and_surplus_returns_are_folded_into_sentences() -> None:
    given = [MapReturn(j, i, 0.05 + 0.01 * i + 0.001 * j, seen=1) for i, j in combinations(range(5), 2)]
    arcs = draw_arcs(stages(5), [*given, MapReturn(4, 0, 0.049), MapReturn(3, 0, 0.004)])
    assert [arc.label for arc in arcs.drawn] == ["8%", "7%", "7%", "6%", "6%"]
    assert len(arcs.folded) == 7
    assert arcs.folded[-1] == "under 1% go back from “Stage 3” to “Stage 0”"
    assert arcs.folded[0].endswith("(seen once)")


@pytest.mark.parametrize("count", range(2, 13))
def test_labels_never_touch_and_ends_stay_within_their_cards(count: int) -> None:
    every = [MapReturn(j, i, 0.1 + 0.01 * ((7 * i + 3 * j) % 11)) for i, j in combinations(range(count), 2)]
    arcs = draw_arcs(stages(count), every).drawn
    wide, high = 30 / max(90 * count, 500) * 100, 13  # a label's box, in percent of the narrowest drawing and pixels
    for one, other in combinations(arcs, 2):
        apart = abs(one.label_x - other.label_x) >= wide or abs(one.label_y - other.label_y) >= high
        assert apart, (one.sentence, other.sentence)
    assert len({arc.lands for arc in arcs}) == len(arcs)
    for arc in arcs:
        x1, *_, x2, _ = points(arc.path)
        for x in (x1, x2):
            assert 0.2 <= (x / 1000 * count) % 1 <= 0.8


def test_levels_stack_what_shares_a_stretch_and_reuse_heights_elsewhere() -> None:
    assert levels([(2, 4), (1, 5), (2, 3), (5, 6)]) == [2, 3, 1, 1]


def test_ports_put_leaving_arcs_left_of_arriving_ones() -> None:
    lands, starts = ports([(0, 2), (2, 4), (2, 3)])
    assert starts[0] < lands[1] < lands[2]
    assert starts[1] == pytest.approx(4.5)


def test_returns_are_sentences_of_the_stage_where_they_start() -> None:
    journey = JourneyMap(stages=stages(3), returns=(MapReturn(2, 0, 0.22), MapReturn(2, 1, 0.31)))
    assert [column.returns for column in journey.columns] == [
        (),
        (),
        ("31% go back to “Stage 1”", "22% go back to “Stage 0”"),
    ]


def test_description_names_every_drawn_return() -> None:
    arcs = draw_arcs(stages(3), [MapReturn(2, 0, 0.22), MapReturn(2, 1, 0.31, seen=2)])
    assert arcs.description == (
        "Returns: 31% go back from “Stage 2” to “Stage 1” (seen 2 times); 22% go back from “Stage 2” to “Stage 0”."
    )
