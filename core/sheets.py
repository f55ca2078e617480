"""Tables as files that a spreadsheet opens and does not run."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from defusedcsv import csv
from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters that Excel opens


class _Echo:
    """A file that gives back what is written, for the CSV writer to feed a stream."""

    def write(self, value: str) -> str:
        return value


def _attached(response: Any, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", response)  # the stubs know streams as no kind of HttpResponse


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Stream a table as CSV; cells that a spreadsheet would run are made harmless.

    What `rows` reads must have its scope already: the request is over when the last of them is read.
    """
    return _attached(StreamingHttpResponse(_lines(columns, rows), content_type="text/csv; charset=utf-8"), name)


def _lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow(row)


def xlsx_response(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Send a table as a workbook, written row by row; texts are texts, never formulas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Table")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    return _attached(HttpResponse(packed.getvalue(), content_type=XLSX), name)


def _cell(sheet: Any, value: object) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL])
    cell.data_type = "s"
    return cell
