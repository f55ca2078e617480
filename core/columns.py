"""Columns of a table that people bring in: guessed from their names, and their cells read, with a reason for each
that cannot be.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

FieldT = TypeVar("FieldT", bound=str)

DATE_FORMATS: Final = {
    "iso": ("%Y-%m-%d", "%Y/%m/%d"),
    "day": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%d.%m.%Y %H:%M"),
    "month": ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%b %d, %Y", "%B %d, %Y", "%m/%d/%Y %H:%M"),
}
DATE_ORDERS: Final = [("day", "3 April (day first)"), ("month", "March 4 (month first)")]
MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
MAX_ERRORS: Final = 1_000


class CellError(ValueError):
    """A cell that cannot be read: its column, its text, and why."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column[:200], value[:300], reason[:300]


@dataclass
class Tally:
    """What came of the rows so far; of the refused ones, the first `MAX_ERRORS` with their reasons."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[tuple[int, CellError]] = field(default_factory=list)

    def refuse(self, row: int, problem: CellError) -> None:
        """Count a refused row."""
        self.refused += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append((row, problem))

    def counts(self) -> dict[str, int]:
        """Give {what: how many}."""
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }


def plain_name(text: str) -> str:
    """Give a column's name in small letters and digits, the rest as single blanks."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def guess_columns(headers: Iterable[str], hints: Mapping[FieldT, tuple[str, ...]]) -> dict[str, str]:
    """Give {field: column} from the columns' names; a column serves one field, an unclear field stays out.

    `hints` are words of a column's name that speak for a field, most telling first.
    """
    free = {plain_name(header): header for header in headers}
    found: dict[str, str] = {}
    for exact in (True, False):
        for field_name, words in hints.items():
            if field_name in found:
                continue
            match = next((name for hint in words for name in free if _speaks(name, hint, exact=exact)), None)
            if match is not None:
                found[field_name] = free.pop(match)
    return found


def _speaks(name: str, hint: str, *, exact: bool) -> bool:
    return name == hint if exact else f" {hint} " in f" {name} "


def count_values(rows: Iterable[tuple[int, Mapping[str, str]]], column: str) -> dict[str, int]:
    """Count a column's values, most frequent first; blanks are left out."""
    counts = Counter(row.get(column, "") for _, row in rows)
    return {value: count for value, count in counts.most_common() if value}


def read_moment(column: str, value: str, *, dates: str) -> datetime:
    """Read a date or a moment, in the zone that it names, else in none; ISO is always read.

    `dates` is "day" or "month", whichever comes first.

    Raises
    ------
    CellError
        When it is none.
    """
    if found := MOMENT.fullmatch(value):
        day, clock, offset = found.groups(default="")
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(f"{day}T{clock}{offset.replace('UTC', 'Z')}")
    for pattern in (*DATE_FORMATS["iso"], *DATE_FORMATS[dates]):
        try:
            return datetime.strptime(value, pattern)  # noqa: DTZ007  the caller sets the zone
        except ValueError:
            continue
    raise CellError(column, value, f"“{value}” is not a date that we read; 2026-11-22 always works.")
