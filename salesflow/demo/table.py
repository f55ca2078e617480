"""One TOML table with the words that say where it stands, so that every complaint can name the place."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Fields that are fetched by the kind of value they must hold; `place` begins every complaint."""

    place: str
    fields: dict[str, Any]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.fields.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise ValueError(f"{self.place} needs a text for {key!r}.")
        return value

    def whole(self, key: str) -> int:
        value = self.fields.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{self.place} needs a whole number of zero or more for {key!r}.")
        return value

    def whole_or_none(self, key: str) -> int | None:
        return self.whole(key) if key in self.fields else None

    def truth(self, key: str) -> bool:
        value = self.fields.get(key)
        if value is True or value is False:
            return value
        raise ValueError(f"{self.place} needs true or false for {key!r}.")

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        value, choices = self.text(key), tuple(allowed)
        if value not in choices:
            raise ValueError(f"{self.place} has {value!r} for {key!r}, which is none of: {', '.join(choices)}.")
        return value

    def tables(self, key: str, *, needed: bool = True) -> list["Table"]:
        rows = self.fields.get(key, [])
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows) or (needed and not rows):
            raise ValueError(f"{self.place} needs a list of {key!r}.")
        return [Table(f"{self.place}, {key} {number}", row) for number, row in enumerate(rows, start=1)]

    def texts(self, key: str) -> tuple[str, ...]:
        rows = self.fields.get(key, [])
        if not isinstance(rows, list) or any(not isinstance(row, str) for row in rows):
            raise ValueError(f"{self.place} needs a list of texts for {key!r}.")
        return tuple(rows)


def open_table(path: Path) -> Table:
    try:
        return Table(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as missing:
        raise ValueError(f"The demo needs {path}, which is not there.") from missing
    except tomllib.TOMLDecodeError as broken:
        raise ValueError(f"{path.name} is not valid TOML: {broken}.") from broken


def refuse_twice(values: Iterable[str], sentence: str) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise ValueError(f"{sentence}: {', '.join(twice)}.")


def refuse_unknown(values: Iterable[str], known: Iterable[str], sentence: str) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"{sentence}: {', '.join(unknown)}.")
