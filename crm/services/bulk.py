"""Many lines in one request: each line that fails is named, the others are written together or not at all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from core.exceptions import ApplicationError
from deals.services.loading import LoadResult

RowT = TypeVar("RowT")


class LineError(Exception):
    """A line does not hold: each field with its sentence."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__()
        self.fields = fields


class LinesRefusedError(ApplicationError):
    """A caller who wants all lines or none sent some that fail."""

    code = "lines_refused"


@dataclass(frozen=True)
class FailedLine:
    """Why a line was not written; lines count from 1."""

    line: int
    field: str
    reason: str


@dataclass
class BulkResult:
    """What came of the lines."""

    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: list[FailedLine] = field(default_factory=list)


def lines_load(
    *,
    lines: Iterable[tuple[int, bytes]],
    read: Callable[[bytes], RowT],
    load: Callable[[Iterator[RowT]], LoadResult],
    all_or_nothing: bool,
) -> BulkResult:
    """Read and load the lines as they come, in one transaction.

    Raises
    ------
    LinesRefusedError
        When a line fails and `all_or_nothing` is asked for; nothing is written then.
    """
    result, numbers = BulkResult(), list[int]()

    def rows() -> Iterator[RowT]:
        for number, text in lines:
            result.lines += 1
            try:
                row = read(text)
            except LineError as error:
                result.errors += [FailedLine(number, name, reason) for name, reason in error.fields.items()]
                continue
            numbers.append(number)
            yield row

    with transaction.atomic():
        loaded = load(rows())
        result.errors += [FailedLine(numbers[index], name, reason) for index, name, reason in loaded.refused]
        result.errors.sort(key=lambda failed: failed.line)
        if result.errors and all_or_nothing:
            fields = {f"{failed.line}.{failed.field}".removesuffix("."): [failed.reason] for failed in result.errors}
            raise LinesRefusedError("Some lines fail, so none was written.", fields=fields)
    result.created, result.changed, result.unchanged = loaded.created, loaded.changed, loaded.unchanged
    result.failed = len({failed.line for failed in result.errors})
    return result
