"""How the API reads bodies. Apart from core.api, since the REST framework loads parsers while it loads itself."""

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError, UnsupportedMediaType

from core.exceptions import TooLargeError

BLOCK = 64 * 1024
MAX_LINE = 64 * 1024
MAX_LINES = 100_000
MAX_UNPACKED = 128 * 1024 * 1024
# JSON lines pack to a tenth or a thirtieth. What unpacks to a hundred times its size is no data.
MAX_RATIO = 100
RATIO_COUNTS_FROM = 1024 * 1024


class Stream(Protocol):
    """Something to read bytes from."""

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end."""


class JSONParser(parsers.JSONParser):
    """Reads JSON of bounded size and depth."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Read the body, unless it says that it is too long."""
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLargeError("This is more than one request may carry.")
        try:
            value = super().parse(stream, media_type, parser_context)
            refuse_half_characters(value)
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("This JSON holds half a character: a surrogate such as “\\ud800” alone.") from error
        return value


class LinesParser(parsers.BaseParser):
    """Reads JSON lines as they come, also gzipped: gives (number, text) of each line that is not empty."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Give an iterator over the lines; reading them may still raise."""
        encoding = (parser_context or {})["request"].headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip"}:
            raise UnsupportedMediaType(encoding, "Send the lines plain or gzipped.")
        blocks = _packed(stream)
        return _lines(_unpacked(blocks) if encoding == "gzip" else blocks)


def refuse_half_characters(value: Any) -> None:
    """Raise UnicodeEncodeError where a key or a text has a surrogate alone, which JSON can spell and nothing store."""
    json.dumps(value, ensure_ascii=False).encode()


def read_line(text: bytes) -> dict[str, Any]:
    """Read one line as a JSON object.

    Raises
    ------
    ValueError
        With a sentence, where it is none.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
        refuse_half_characters(value)
    except (ValueError, RecursionError) as error:
        raise ValueError("This line is not JSON.") from error
    if not isinstance(value, dict):
        raise ValueError("This line is not a JSON object.")  # noqa: TRY004  what is wrong is the value of the line
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _packed(stream: Stream) -> Iterator[bytes]:
    size = 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLargeError("A request carries at most 30 MB, packed or not.")
        yield block


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip a block at a time, so that a small body that would fill the memory is noticed before it does."""
    packed = unpacked = 0
    machine = zlib.decompressobj(wbits=31)
    try:
        for block in blocks:
            packed += len(block)
            rest = block
            while rest and not machine.eof:
                piece = machine.decompress(rest, BLOCK)
                rest = machine.unconsumed_tail
                unpacked += len(piece)
                _refuse_bomb(packed, unpacked)
                yield piece
            if machine.eof and (rest or machine.unused_data):
                raise ParseError("Something follows the end of the gzipped lines.")
        if packed and not machine.eof:
            raise ParseError("The gzipped lines break off.")
    except zlib.error as error:
        raise ParseError("This is not gzip.") from error


def _refuse_bomb(packed: int, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > packed * MAX_RATIO):
        raise TooLargeError("These lines unpack to more than one request may carry.")


def _lines(blocks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    number, begun = 0, b""
    for block in blocks:
        *whole, begun = (begun + block).split(b"\n")
        for line in whole:
            number += 1
            yield from _line(number, line)
        if len(begun) > MAX_LINE:
            raise TooLargeError(f"Line {number + 1} is longer than {MAX_LINE:,} bytes.")
    if begun:
        yield from _line(number + 1, begun)


def _line(number: int, line: bytes) -> Iterator[tuple[int, bytes]]:
    if number > MAX_LINES:
        raise TooLargeError(f"A request carries at most {MAX_LINES:,} lines.")
    if len(line) > MAX_LINE:
        raise TooLargeError(f"Line {number} is longer than {MAX_LINE:,} bytes.")
    if text := line.strip():
        yield number, text
