"""Geometry of the curve of what was told after how many interviews, drawn on the server."""

from collections.abc import Iterable
from dataclasses import dataclass

from journey.stability import Saturation

WIDTH, HEIGHT = 100.0, 220.0  # across in percent, so that words keep their size on a phone; down in pixels
LEFT, RIGHT, TOP, BOTTOM = 9.0, 2.0, 12.0, 40.0
MOST_TICKS = 6
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
MOST_ROWS = 30  # of the table: above, every second, fifth, … number of interviews


@dataclass(frozen=True)
class Tick:
    """A mark on an axis and where it stands."""

    place: float
    label: int


@dataclass(frozen=True)
class Row:
    """The same as figures: activities after so many interviews, and what nine of ten orders lie between."""

    interviews: int
    activities: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The curve and its band as SVG, with its table and its sentence."""

    height: float
    line: str
    band: str
    across: list[Tick]
    up: list[Tick]
    left: float
    right: float
    bottom: float
    rows: list[Row]
    sentence: str


def curve_of(told: Saturation) -> Curve | None:
    """Draw the course of what was told; None where one interview or none makes no course."""
    if told.interviews < 2:  # noqa: PLR2004  a line takes two points
        return None
    most = max(told.distinct, 1)

    def x(interviews: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * interviews / told.interviews, 2)

    def y(activities: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - activities / most), 1)

    def path(values: Iterable[float]) -> list[str]:
        return [f"{x(place)} {y(value)}" for place, value in enumerate(values, start=1)]

    high, low = path(told.high.tolist()), path(told.low.tolist())
    return Curve(
        height=HEIGHT,
        line="M" + " L".join(path(told.curve.tolist())),
        band="M" + " L".join([*high, *reversed(low)]) + " Z",
        across=[Tick(x(number), number) for number in _ticks(told.interviews)],
        up=[Tick(y(number), number) for number in (0, *_ticks(most))],
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        rows=_rows(told),
        sentence=_sentence(told),
    )


def _ticks(last: int) -> list[int]:
    step = next((step for step in STEPS if last / step <= MOST_TICKS), last)
    return list(range(step, last + 1, step))


def _rows(told: Saturation) -> list[Row]:
    step = next((step for step in STEPS if told.interviews / step <= MOST_ROWS), told.interviews)
    shown = [number for number in range(1, told.interviews + 1) if number % step == 0 or number == told.interviews]
    return [
        Row(number, float(told.curve[number - 1]), float(told.low[number - 1]), float(told.high[number - 1]))
        for number in shown
    ]


def _sentence(told: Saturation) -> str:
    half = (told.interviews + 1) // 2
    return (
        f"After {half} of {told.interviews} interviews, {told.curve[half - 1]:.0f} of {told.distinct} activities "
        "were told on average, in whichever order you had asked"
    )
