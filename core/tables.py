"""Rows of a CSV or XLSX file, one at a time, with a sentence for every way in which a file can be wrong."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from core.files import CORRUPT, OLE, ZIP, FileError, decode, foreign_kind, is_encrypted, open_archive, refuse_size

MAX_ROWS = 200_000
MAX_COLUMNS = 200
SNIFF = 64 * 1024
DELIMITERS = ",;\t|"


def read_headers(*, name: str, content: bytes) -> tuple[list[str], int]:
    """Give the column names and the number of rows below them.

    Raises
    ------
    FileError
        When the file is empty, too large, of another kind, encrypted or corrupt, or its column names do not serve.
    """
    refuse_size(name=name, size=len(content))
    rows = _rows(name, content)
    headers = next(rows, None)
    if headers is None or not any(headers):
        raise FileError(f"{name} is empty: its first row should name the columns.")
    headers = _trimmed(headers)
    repeated = sorted({header for header in headers if headers.count(header) > 1})
    if repeated:
        raise FileError(f"{name} has more than one column named “{repeated[0] or 'nothing'}”. Give each its own name.")
    count = sum(1 for row in rows if any(row))
    if count == 0:
        raise FileError(f"{name} has column names and no rows below them.")
    if count > MAX_ROWS:
        raise FileError(f"{name} has {count:,} rows; one file may have {MAX_ROWS:,}. Split it.")
    return headers, count


def read_rows(*, name: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Give (row number as a spreadsheet counts, {column: text}) for each row that is not blank, streaming."""
    rows = _rows(name, content)
    headers = _trimmed(next(rows, []))
    for number, row in enumerate(rows, start=2):
        if any(row):
            yield number, dict(zip(headers, [*row, *[""] * len(headers)], strict=False))


def _trimmed(headers: list[str]) -> list[str]:
    while headers and not headers[-1]:
        headers = headers[:-1]
    return headers


def _rows(name: str, content: bytes) -> Iterator[list[str]]:
    if content.startswith(ZIP):
        return _xlsx_rows(name, content)
    if content.startswith(OLE):
        kind = "encrypted" if is_encrypted(content) else "an old .xls workbook"
        raise FileError(f"{name} is {kind}. Save it as .xlsx without a password, or as CSV.")
    if kind := foreign_kind(content):
        raise FileError(f"{name} is {kind}, not a table. Save the table as CSV or XLSX.")
    return _csv_rows(name, content)


def _csv_rows(name: str, content: bytes) -> Iterator[list[str]]:
    text = decode(name=name, content=content)
    first_line = text[:SNIFF].partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield [cell.strip() for cell in row[:MAX_COLUMNS]]
    except csv.Error as error:
        raise FileError(f"{name}, line {reader.line_num}: {error}.") from error


def _xlsx_rows(name: str, content: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    open_archive(name=name, content=content).close()
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, *CORRUPT) as error:
        raise FileError(f"{name} is corrupt or not a workbook. Open it in a spreadsheet and save it again.") from error
    sheet = workbook.worksheets[0] if workbook.worksheets else None
    if sheet is None:
        raise FileError(f"{name} has no sheet with rows.")
    try:  # the sheet itself is unpacked and parsed row by row
        for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
            yield [_text(value) for value in row]
    except CORRUPT as error:
        raise FileError(f"{name} is corrupt or not a workbook. Open it in a spreadsheet and save it again.") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() != time.min:  # a workbook gives every day a time
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
