"""The timeline of an interview as a table of text: one moment a line, its cells parted by tabs."""

import contextlib
import re
from datetime import date

from interviews.services.refi.document import MomentItem

CELLS = 7
PLACE = re.compile(r"\d{1,9}")


def write_timeline(moments: list[MomentItem]) -> str:
    """Write place, activity, day, span, together, and the words that told place and day."""
    lines = []
    for number, moment in enumerate(moments, start=1):
        span = f"{moment.span[0]}-{moment.span[1]}" if moment.span else ""
        cells = [str(number), moment.activity, moment.day, span, "together" if moment.together else ""]
        lines.append("\t".join([*cells, moment.place_words, moment.date_words]))
    return "\n".join(lines)


def read_timeline(text: str) -> list[MomentItem]:
    """Read what `write_timeline` wrote; a line that is none is left out."""
    return [moment for line in text.splitlines() if (moment := _moment(line)) is not None]


def _moment(line: str) -> MomentItem | None:
    cells = line.split("\t")
    if len(cells) != CELLS or not cells[1].strip():
        return None
    day = ""
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(cells[2]).isoformat()
    start, _, end = cells[3].partition("-")
    span = (int(start), int(end)) if PLACE.fullmatch(start) and PLACE.fullmatch(end) else None
    return MomentItem(cells[1], day, span, cells[4] == "together", cells[5], cells[6])
