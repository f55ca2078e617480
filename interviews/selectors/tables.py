"""Tables for spreadsheets: coded excerpts and the codebook, row by row."""

from collections.abc import Iterator

from accounts.models import Membership
from interviews.models import Code, Excerpt
from interviews.selectors.codebook import code_rows
from interviews.selectors.lists import coded_excerpts

EXCERPT_COLUMNS = (
    "customer",
    "segment",
    "role",
    "held_on",
    "outcome",
    "question",
    "kind",
    "code",
    "quote",
    "start",
    "end",
    "coded_by",
)
# Taguette reads name, description and parent
CODE_COLUMNS = ("name", "description", "parent", "kind", "job", "channel", "passages", "interviews")

Cell = str | int


def excerpt_table(membership: Membership) -> Iterator[tuple[Cell, ...]]:
    """Give the coded excerpts in the order of EXCERPT_COLUMNS, streaming. One query, asked when the first is read."""
    rows = coded_excerpts(membership)  # made here: a stream is read when no workspace is in context any more
    return map(_excerpt_row, rows.iterator(chunk_size=500))


def _excerpt_row(row: Excerpt) -> tuple[Cell, ...]:
    interview = row.answer.interview
    return (
        interview.customer,
        interview.segment.name if interview.segment else "",
        interview.role,
        interview.held_on.isoformat(),
        interview.outcome,
        row.answer.question.text,
        row.code.kind,
        row.code.name,
        row.quote,
        row.start,
        row.end,
        str(row.coded_by.user) if row.coded_by else row.coder_name,
    )


def code_table() -> list[tuple[Cell, ...]]:
    """Give the codes in the order of CODE_COLUMNS, wider ones first; names that two kinds share say their kind."""
    rows = list(code_rows())
    by_id = {row.pk: row for row in rows}
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row.name.casefold(), set()).add(row.kind)
    names = {row.pk: f"{row.name} ({row.kind})" if len(kinds[row.name.casefold()]) > 1 else row.name for row in rows}
    table: list[tuple[Cell, ...]] = []
    for row in sorted(rows, key=lambda row: (row.kind, _path(row, by_id))):
        parent = names.get(row.parent_id or 0, "")
        told = (int(getattr(row, name)) for name in ("passages", "told_by"))
        table.append((names[row.pk], row.description, parent, row.kind, row.job, row.channel, *told))
    return table


def _path(row: Code, by_id: dict[int, Code]) -> list[str]:
    path = [row.name.casefold()]
    while row.parent_id in by_id:
        row = by_id[row.parent_id]
        path.append(row.name.casefold())
    return path[::-1]
