"""The journey map as a picture of one page: A4 landscape, by itself, in the light colours. Lengths are pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

from buying_process.selectors.journey_map import JourneyMap, MapActivity

WIDTH, HEIGHT = 1123.0, 794.0  # A4 landscape at 96 to the inch
MARGIN, HEAD = 32.0, 58.0
LABELS, GAP, PAD = 78.0, 8.0, 6.0
FONT, LEADING = 11.0, 14.0
LETTER = 0.56  # a letter's width over its height: a little more than in Inter and Arial, so that lines never run over
SMALLEST = 0.3  # of the full size, for the fullest of maps


@dataclass(frozen=True, slots=True)
class Box:
    """A rounded box with lines of text; `kind` is stage, customer, us or none."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    lines: tuple[str, ...]
    note: str = ""

    @property
    def rows(self) -> list[tuple[float, str]]:
        """Give each line with where it stands."""
        return [(round(self.y + PAD + LEADING * place + FONT - 1, 1), line) for place, line in enumerate(self.lines)]

    @property
    def text_x(self) -> float:
        """Give where the lines begin."""
        return self.x + PAD + 3

    @property
    def note_y(self) -> float:
        """Give where the note stands: under the lines."""
        return round(self.y + self.height - PAD, 1)


@dataclass(frozen=True, slots=True)
class Curve:
    """A return above the stages."""

    path: str
    arrow: str
    stroke: float
    label: str
    label_x: float
    label_y: float
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The name of a lane, and the band behind its cells."""

    label: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn; what lies under the head is drawn in its own measure and shrunk by `scale` to fit the page."""

    title: str
    subtitle: str
    scale: float
    width: float
    lanes: tuple[Lane, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


def picture_of(journey: JourneyMap, subtitle: str) -> Picture:
    """Lay a map out on one page, as large as it fits."""
    scale = 1.0
    while True:
        width = (WIDTH - 2 * MARGIN) / scale
        lanes, boxes, curves, height = _laid_out(journey, width)
        if height * scale <= HEIGHT - HEAD - 2 * MARGIN or scale <= SMALLEST:
            return Picture(journey.title, subtitle, round(scale, 3), round(width, 1), lanes, boxes, curves)
        scale -= 0.05


def wrapped(text: str, width: float) -> tuple[str, ...]:
    """Break a text into lines of at most so many pixels; a word that is longer is broken too."""
    most = max(int(width / (FONT * LETTER)), 4)
    lines = [""]
    for word in text.split():
        pieces = [word[start : start + most] for start in range(0, len(word), most)]
        for piece in pieces:
            longer = f"{lines[-1]} {piece}".strip()
            if len(longer) <= most:
                lines[-1] = longer
            else:
                lines.append(piece)
    return tuple(lines)


def _laid_out(journey: JourneyMap, width: float) -> tuple[tuple[Lane, ...], tuple[Box, ...], tuple[Curve, ...], float]:
    columns = journey.columns
    column = (width - LABELS) / max(len(columns), 1)
    inside = column - GAP - 2 * PAD - 3
    curves = _curves(journey, LABELS, width - LABELS)
    y = float(journey.arcs.height) + (GAP if journey.arcs.height else 0.0)
    names = [wrapped(each.stage.name, inside) for each in columns]
    tall = max((len(lines) for lines in names), default=1) * LEADING + LEADING + 2 * PAD
    boxes = [
        Box(
            LABELS + place * column,
            y,
            column - GAP,
            tall,
            "stage",
            names[place],
            _told(each.stage.told, each.stage.interviews),
        )
        for place, each in enumerate(columns)
    ]
    lanes = [Lane("Stage", y, tall)]
    y += tall + GAP
    for index, (_, label) in enumerate(journey.lanes):
        cells = [each.cells[index].activities for each in columns]
        stacks = [_stack(cell, LABELS + place * column, y, column - GAP, inside) for place, cell in enumerate(cells)]
        height = max([LEADING + 2 * PAD, *(_foot(stack) - y for stack in stacks if stack)])
        boxes += [box for stack in stacks for box in stack]
        lanes.append(Lane(label, y, height))
        y += height + GAP
    return tuple(lanes), tuple(boxes), curves, y


def _stack(activities: Sequence[MapActivity], x: float, y: float, width: float, inside: float) -> list[Box]:
    boxes: list[Box] = []
    for activity in activities:
        lines = wrapped(activity.name, inside)
        kind = "customer" if activity.actor == "customer" else "us"
        kind = "none" if activity.purpose == "not_relevant" else kind
        boxes.append(Box(round(x, 1), round(y, 1), round(width, 1), len(lines) * LEADING + 2 * PAD, kind, lines))
        y += boxes[-1].height + GAP / 2
    return boxes


def _foot(stack: Sequence[Box]) -> float:
    return stack[-1].y + stack[-1].height


def _told(told: int, interviews: int) -> str:
    return f"{told} of {interviews} told this" if interviews else ""


def _curves(journey: JourneyMap, left: float, width: float) -> tuple[Curve, ...]:
    arcs = journey.arcs
    found = []
    for arc in arcs.drawn:
        start, land = left + width * arc.starts / 100, left + width * arc.lands / 100
        foot = arcs.height
        size = 5 * arc.arrow
        top = foot - 1.8 * size
        found.append(
            Curve(
                path=f"M{start:.1f} {foot} C{start:.1f} {arc.control} {land:.1f} {arc.control} {land:.1f} {foot - 7}",
                arrow=f"M{land - size:.1f} {top:.1f} L{land:.1f} {foot} L{land + size:.1f} {top:.1f} Z",
                stroke=arc.stroke,
                label=arc.label,
                label_x=round(left + width * arc.label_x / 100, 1),
                label_y=arc.label_y,
                title=arc.sentence,
            )
        )
    return tuple(found)
