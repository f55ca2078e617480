"""Geometry of the small charts that are drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from deals.selectors.trends import TrendPoint

WIDTH, HEIGHT = 640.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 8.0, 10.0, 24.0
FULL = 100.0


@dataclass(frozen=True)
class Dot:
    """A week on the line."""

    x: float
    y: float
    label: str
    week: str


@dataclass(frozen=True)
class Line:
    """The course of a mean, as SVG."""

    width: float
    height: float
    path: str
    dots: list[Dot]
    levels: list[tuple[float, int]]
    left: float
    right: float
    sentence: str


def line_of(points: Sequence[TrendPoint]) -> Line:
    """Draw the weeks that have a mean; a week without one interrupts nothing."""
    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    dots = [
        Dot(round(LEFT + place * step, 1), _y(point.mean), f"{point.mean:.0f}", f"{point.ends.day} {point.ends:%b}")
        for place, point in enumerate(points)
        if point.mean is not None
    ]
    path = " ".join(f"{'L' if place else 'M'}{dot.x} {dot.y}" for place, dot in enumerate(dots))
    sentence = _sentence(dots)
    levels = [(_y(float(level)), level) for level in (0, 50, 100)]
    return Line(WIDTH, HEIGHT, path, dots, levels, LEFT, WIDTH - RIGHT, sentence)


def _sentence(dots: Sequence[Dot]) -> str:
    if not dots:
        return "No score yet"
    if len(dots) == 1:
        return f"Mean alignment {dots[0].label} in the week to {dots[0].week}; the course shows from next week on"
    first, last = dots[0], dots[-1]
    return f"Mean alignment {first.label} in the week to {first.week}, {last.label} in the week to {last.week}"


def _y(value: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / FULL), 1)
