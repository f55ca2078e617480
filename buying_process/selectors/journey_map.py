"""The journey map as plain data: what it shows, its lanes, and the geometry of the arcs above it.

Nothing here reads the database. A selector fills a `JourneyMap`; `templates/buying_process/journey_map.html` draws it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Actor = Literal["customer", "marketing", "sales", "partner", "internal"]
Purpose = Literal["own", "facilitates", "independent", "not_relevant"]
Mode = Literal["design", "view", "deal"]
LaneKey = Literal["customer", "marketing", "sales", "partner", "ours"]

LANES: tuple[tuple[LaneKey, str], ...] = (
    ("customer", "Customer"),
    ("marketing", "Marketing"),
    ("sales", "Sales"),
    ("partner", "Partner"),
    ("ours", "Ours alone"),
)
ALWAYS_SHOWN = frozenset({"customer", "marketing", "sales"})

DRAWN_AT_MOST = 5
SMALLEST_DRAWN = 0.05  # a share of customers; smaller returns are folded behind "and N more"
WIDTH = 1000.0  # of the drawing, stretched to the columns
LOWEST = 24.0  # pixels from the cards' edge to the lowest arc's top
STEP = 19.0  # pixels between the tops of two arcs that pass over each other: a label's height and air
HEADROOM = 16.0  # for the topmost label
PORTS = 0.27  # share of a column, either side of its middle, within which arcs start and land


@dataclass(frozen=True)
class MapActivity:
    """Something that the customer or we do in a stage."""

    id: int
    name: str
    actor: Actor
    purpose: Purpose
    done: bool = False
    url: str = ""
    helps: str = ""  # the customer's activity that it facilitates
    pinned: bool = False  # a person's, which no proposal changes

    @property
    def lane(self) -> LaneKey:
        """Give the lane: what we do for nobody but ourselves is ours alone, whoever of us does it."""
        if self.actor == "customer":
            return "customer"
        if self.actor == "internal" or self.purpose == "independent":
            return "ours"
        return self.actor


@dataclass(frozen=True)
class MapStage:
    """A stage of the customer's buying, with how many told of it and where a deal stands."""

    id: int
    name: str
    position: int
    told: int = 0
    interviews: int = 0
    probability: float | None = None  # that the buyer of this deal is here; None where there is no deal
    seller_here: bool = False
    pinned: bool = False
    url: str = ""
    activities: tuple[MapActivity, ...] = ()

    @property
    def figure(self) -> str:
        """Give the probability as it is written on the card; what is next to nothing is left out."""
        if self.probability is None or self.probability < SMALLEST_DRAWN:
            return ""
        return f"{self.probability:.0%}"


@dataclass(frozen=True)
class MapReturn:
    """The share of customers that went from a stage back to an earlier one, and how often it was seen."""

    from_position: int
    to_position: int
    share: float
    seen: int = 0
    url: str = ""


@dataclass(frozen=True)
class Arc:
    """A return as it is drawn: x in thousandths of the columns' width, y in pixels from the top."""

    path: str
    stroke: float  # pixels
    arrow: float  # the arrow's size, 1 for a thin arc
    starts: float  # percent of the width where it leaves
    lands: float  # percent of the width where its arrow points down
    control: float  # pixels from the top: the height that both its ends stretch for
    label: str
    label_x: float  # percent of the width
    label_y: float  # pixels
    level: int  # 1 is the lowest
    sentence: str
    url: str


@dataclass(frozen=True)
class Arcs:
    """All that stands above the cards."""

    height: int  # pixels; 0 where nothing is drawn
    drawn: tuple[Arc, ...]
    folded: tuple[str, ...]  # sentences of the returns that are too small or too many to draw
    description: str


@dataclass(frozen=True)
class Cell:
    """The activities of a lane in a stage."""

    lane: LaneKey
    label: str
    activities: tuple[MapActivity, ...]


@dataclass(frozen=True)
class Column:
    """A stage with its cells in the order of the lanes."""

    stage: MapStage
    cells: tuple[Cell, ...]
    likeliest: bool
    open: bool  # on a phone, where the other stages are folded
    returns: tuple[str, ...]  # sentences of the returns that start here


@dataclass(frozen=True)
class JourneyMap:
    """The whole buying-and-selling process on one picture."""

    stages: tuple[MapStage, ...]
    returns: tuple[MapReturn, ...] = ()
    mode: Mode = "view"
    title: str = "How customers buy"

    @cached_property
    def lanes(self) -> tuple[tuple[LaneKey, str], ...]:
        """Give the lanes to draw: a designer sees all, others none that is empty beyond the first three."""
        used = {activity.lane for stage in self.stages for activity in stage.activities}
        return tuple(
            (key, label) for key, label in LANES if self.mode == "design" or key in ALWAYS_SHOWN or key in used
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Give each stage with its lanes."""
        best = likeliest(self.stages)
        opened = {stage.position for stage in self.stages if stage is best or stage.seller_here}
        if not opened and self.stages:
            opened = {self.stages[0].position}
        names = {stage.position: stage.name for stage in self.stages}
        return tuple(
            Column(
                stage=stage,
                cells=cells(stage, self.lanes),
                likeliest=stage is best,
                open=stage.position in opened,
                returns=tuple(
                    f"{share_in_words(each.share)} go back to “{names[each.to_position]}”"
                    for each in backward(self.returns, names)
                    if each.from_position == stage.position
                ),
            )
            for stage in self.stages
        )

    @cached_property
    def arcs(self) -> Arcs:
        """Give the returns as arcs above the cards."""
        return draw_arcs(self.stages, self.returns)


def cells(stage: MapStage, lanes: Sequence[tuple[LaneKey, str]]) -> tuple[Cell, ...]:
    """Sort a stage's activities into lanes, keeping their order."""
    return tuple(
        Cell(key, label, tuple(activity for activity in stage.activities if activity.lane == key))
        for key, label in lanes
    )


def likeliest(stages: Sequence[MapStage]) -> MapStage | None:
    """Give the stage where the buyer most probably is; None where no stage has a probability."""
    known = [stage for stage in stages if stage.probability is not None]
    return max(known, key=lambda stage: stage.probability or 0.0, default=None)


def share_in_words(share: float) -> str:
    """Write a share of customers; what rounds to nothing is "under 1%"."""
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"  # noqa: PLR2004 - half a percent rounds to none


def backward(returns: Iterable[MapReturn], names: dict[int, str]) -> list[MapReturn]:
    """Give the real returns, largest share first: jumps ahead and unknown stages are no arcs."""
    real = [
        each
        for each in returns
        if each.to_position < each.from_position
        and each.share > 0
        and {each.from_position, each.to_position} <= set(names)
    ]
    return sorted(real, key=lambda each: (-each.share, each.from_position, each.to_position))


def sentence(back: MapReturn, names: dict[int, str]) -> str:
    """Say a return in words."""
    seen = "" if not back.seen else " (seen once)" if back.seen == 1 else f" (seen {back.seen} times)"
    origin, goal = names[back.from_position], names[back.to_position]
    return f"{share_in_words(back.share)} go back from “{origin}” to “{goal}”{seen}"


def levels(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Stack intervals (from, to): short ones low, and none at the height of another that it shares a stretch with."""
    order = sorted(range(len(spans)), key=lambda i: (spans[i][1] - spans[i][0], spans[i][0]))
    given: dict[int, int] = {}
    for i in order:
        low, high = spans[i]
        taken = {given[j] for j in given if spans[j][0] < high and low < spans[j][1]}
        given[i] = max(taken, default=0) + 1
    return [given[i] for i in range(len(spans))]


def ports(spans: Sequence[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """Spread where arcs land and start over a column, in columns from the left edge of the first.

    At a stage, arcs that leave for the left stand left of those that arrive from the right; among either, the longer
    encloses the shorter. So arcs cross only where their stretches do.
    """
    lands, starts = [0.0] * len(spans), [0.0] * len(spans)
    for stage in {edge for span in spans for edge in span}:
        leaving = sorted((i for i, span in enumerate(spans) if span[1] == stage), key=lambda i: -spans[i][0])
        landing = sorted((i for i, span in enumerate(spans) if span[0] == stage), key=lambda i: -spans[i][1])
        queue = [(starts, i) for i in leaving] + [(lands, i) for i in landing]
        gap = 2 * PORTS / (len(queue) + 1)
        for place, (ends, i) in enumerate(queue, start=1):
            ends[i] = stage + 0.5 - PORTS + gap * place
    return lands, starts


def draw_arcs(stages: Sequence[MapStage], returns: Iterable[MapReturn]) -> Arcs:
    """Lay the returns out as arcs over `stages`, from the later stage up and down onto the earlier.

    Parameters
    ----------
    stages : sequence of MapStage
        Left to right; each is a column of equal width.
    returns : iterable of MapReturn
        Shares from 0 to 1. Jumps ahead, repeats of the same stage and unknown positions are ignored.

    Returns
    -------
    Arcs
        The five largest returns of at least 5% as cubic curves whose ends stand upright (so that an arrow points
        straight down however the drawing is stretched), and the others as sentences.
    """
    names = {stage.position: stage.name for stage in stages}
    index = {stage.position: i for i, stage in enumerate(stages)}
    real = backward(returns, names)
    shown = [each for each in real if each.share >= SMALLEST_DRAWN][:DRAWN_AT_MOST]
    folded = tuple(sentence(each, names) for each in real if each not in shown)
    spans = [(index[each.to_position], index[each.from_position]) for each in shown]
    heights = levels(spans)
    lands, starts = ports(spans)
    height = HEADROOM + LOWEST + STEP * (max(heights) - 1) if shown else 0.0
    column = 1.0 / max(len(stages), 1)
    drawn = tuple(
        arc(each, names, level=level, start=start * column, land=land * column, height=height)
        for each, level, start, land in zip(shown, heights, starts, lands, strict=True)
    )
    described = "; ".join(each.sentence for each in drawn)
    return Arcs(round(height), drawn, folded, f"Returns: {described}." if drawn else "No returns to speak of.")


def arc(back: MapReturn, names: dict[int, str], *, level: int, start: float, land: float, height: float) -> Arc:
    """Draw one return; `start` and `land` are shares of the width, `height` is the drawing's in pixels."""
    top = height - LOWEST - STEP * (level - 1)
    control = height - (height - top) / 0.75  # a cubic with both controls at one height reaches three quarters of it
    stroke = round(min(1.4 + 12 * back.share, 6.5), 2)
    x1, x2 = round(start * WIDTH, 1), round(land * WIDTH, 1)
    return Arc(
        path=f"M{x1} {height:.0f} C{x1} {control:.1f} {x2} {control:.1f} {x2} {height - 7:.0f}",
        stroke=stroke,
        arrow=round(0.8 + stroke / 8, 2),
        starts=round(100 * start, 2),
        lands=round(100 * land, 2),
        control=round(control, 1),
        label=share_in_words(back.share),
        label_x=round(50 * (start + land), 2),
        label_y=round(top - 5, 1),
        level=level,
        sentence=sentence(back, names),
        url=back.url,
    )
