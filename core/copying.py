"""COPY in its binary form, to and from numpy: what moves many rows without a Python object for each.

Read: one row whose fields are `bytea`, each the values of a whole column end to end (`string_agg(int8send(...), '')`).
Write: rows of one width, laid out by a numpy record type.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

BUFFER = 1 << 20
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
FLOAT8_OID = 701
WIDTHS = {"i8": 8, "f8": 8, "i4": 4, "i2": 2}
Kind = Literal["i8", "f8", "i4", "i2", "f8[]"]


def read_columns(cursor: Any, query: str) -> list[bytes]:
    """Run a query that gives one row of `bytea`, and give its fields; an empty one for NULL."""
    stream = io.BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", stream, BUFFER)
    content = stream.getbuffer()
    place = len(HEADER)
    fields = []
    count, place = int.from_bytes(content[place : place + 2], "big", signed=True), place + 2
    for _ in range(count):
        length, place = int.from_bytes(content[place : place + 4], "big", signed=True), place + 4
        size = max(length, 0)
        fields.append(bytes(content[place : place + size]))
        place += size
    return fields


def row_type(columns: Sequence[tuple[str, Kind]], *, size: int) -> np.dtype[np.void]:
    """Give the record type of a row; arrays of numbers (`f8[]`) have `size` entries each, and none is NULL."""
    fields: list[Any] = [("fields", ">i2")]
    for name, kind in columns:
        if kind == "f8[]":
            fields += [
                (f"{name}:head", ">i4", (6 if size else 4,)),
                (name, [("width", ">i4"), ("value", ">f8")], (size,)),
            ]
        else:
            fields += [(f"{name}:width", ">i4"), (name, f">{kind}")]
    return np.dtype(fields)


def rows_of(columns: Sequence[tuple[str, Kind]], values: dict[str, npt.NDArray[Any]], *, size: int) -> bytes:
    """Lay out rows: each column's values, (n,), or (n, size) for arrays of numbers."""
    made = np.empty(len(values[columns[0][0]]), dtype=row_type(columns, size=size))
    made["fields"] = len(columns)
    for name, kind in columns:
        if kind != "f8[]":
            made[f"{name}:width"] = WIDTHS[kind]
            made[name] = values[name]
        elif size:
            made[f"{name}:head"] = [20 + 12 * size, 1, 0, FLOAT8_OID, size, 1]
            made[name]["width"] = 8
            made[name]["value"] = values[name]
        else:
            made[f"{name}:head"] = [12, 0, 0, FLOAT8_OID]
    return made.tobytes()


def write_rows(cursor: Any, table: str, columns: Sequence[tuple[str, Kind]], parts: Iterable[bytes]) -> None:
    """Append rows, as `rows_of` laid them out, to a table."""
    names = ", ".join(f'"{name}"' for name, _ in columns)
    stream = io.BytesIO(b"".join([HEADER, *parts, TRAILER]))
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", stream, BUFFER)
