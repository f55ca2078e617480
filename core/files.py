"""Files that people bring in: how large they may be, what they are by their first bytes, how they unpack and decode.

Whatever cannot be read is a FileError, whose sentence names the file and says why and what to do.
"""

import io
import zipfile
import zlib
from typing import Final

from core.exceptions import ApplicationError

MAX_BYTES: Final = 25 * 1024 * 1024
MAX_UNPACKED: Final = 400 * 1024 * 1024
MAX_PARTS: Final = 10_000
# office files pack to a tenth or a thirtieth; what unpacks to two hundred times its size is no document
MAX_RATIO: Final = 200
RATIO_COUNTS_FROM: Final = 10 * 1024 * 1024
# what reading a broken archive or workbook raises: a broken XML file is a SyntaxError, and a part that refers to a
# style, a text or an attribute that is not there raises whatever the reader stumbles over
CORRUPT: Final = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    NotImplementedError,
)
ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PART: Final = "EncryptedPackage".encode("utf-16-le")  # how an office file with a password names its content
# first bytes of what is often chosen by mistake
FOREIGN: Final = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"ID3", "a recording"),
    (b"RIFF", "a recording"),
    (b"OggS", "a recording"),
    (b"\x1f\x8b", "a packed archive"),
    (b"7z\xbc\xaf", "a packed archive"),
    (b"Rar!", "a packed archive"),
)
FILM_AT: Final = slice(4, 8)  # where a film or recording in an MP4 container says so
ODD_BYTES: Final = frozenset(range(32)) - {9, 10, 11, 12, 13, 27}


class FileError(ApplicationError):
    """The file cannot be read; the sentence says which and why."""

    code = "unreadable_file"


def refuse_size(*, name: str, size: int) -> None:
    """Refuse a file that is empty or too large."""
    if size == 0:
        raise FileError(f"{name} is empty.")
    if size > MAX_BYTES:
        raise FileError(f"{name} is larger than 25 MB. Split it and bring the parts in one after the other.")


def foreign_kind(content: bytes) -> str:
    """Say what a file is that is neither text nor an office file, as in “it is a PDF”; empty where it may be read."""
    if content[FILM_AT] == b"ftyp":
        return "a recording"
    return next((kind for mark, kind in FOREIGN if content.startswith(mark)), "")


def is_encrypted(content: bytes) -> bool:
    """Tell whether an OLE container holds an office file with a password, rather than an old .doc or .xls."""
    return content.startswith(OLE) and ENCRYPTED_PART in content


def open_archive(*, name: str, content: bytes) -> zipfile.ZipFile:
    """Open a zip whose parts together stay within bounds; reading a part never gives more than it declares.

    Raises
    ------
    FileError
        When it is corrupt, encrypted, or unpacks to too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except CORRUPT as error:
        raise FileError(f"{name} is corrupt: it breaks off or was changed on its way. Save it again.") from error
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    bomb = unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * len(content)
    if unpacked > MAX_UNPACKED or bomb or len(parts) > MAX_PARTS:
        raise FileError(f"{name} unpacks to far more than a file of its size should. It was not opened.")
    if any(part.flag_bits & 1 for part in parts):
        raise FileError(f"{name} is encrypted. Save it without a password.")
    return archive


def decode(*, name: str, content: bytes) -> str:
    """Give the text of a file: UTF-8, or UTF-16 with its mark, else the Western European code page.

    Raises
    ------
    FileError
        When it is no text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise FileError(f"{name} breaks off in the middle of a character. Save it again as UTF-8.") from error
        if "\x00" in text:
            raise FileError(f"{name} holds binary data where text should be. Save it as text, in UTF-8.")
        return text
    if b"\x00" in content or ODD_BYTES & set(content):
        raise FileError(f"{name} holds binary data where text should be. Save it as text, in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
