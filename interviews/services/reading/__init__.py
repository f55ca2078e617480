"""Files that tell of a purchase, read into turns: text, Word documents and subtitles."""

import re
from collections.abc import Collection
from datetime import date
from pathlib import PurePath
from typing import Final

from core.files import OLE, ZIP, FileError, decode, foreign_kind, is_encrypted, open_archive, refuse_size
from interviews.models import LONGEST_TEXT
from interviews.services.passages import Account, UnreadableAccount, account_read, has_header, paragraphs, question_of
from interviews.services.reading.documents import MAIN_PART, read_document
from interviews.services.reading.subtitles import read_subtitles
from interviews.services.reading.talk import Piece, Talk, Turn, conversation, cut, tellers, timed_paragraphs

__all__ = ["ASKED", "Piece", "Talk", "Turn", "cut", "is_table", "read_talk", "tellers"]

KINDS: Final = ".txt, .md, .docx, .vtt, .srt, .csv or .xlsx"
TEXTS: Final = frozenset({"", ".txt", ".text", ".md"})
TABLES: Final = frozenset({".csv", ".tsv", ".xlsx"})
MOST_TEXT: Final = 10 * LONGEST_TEXT
ASKED: Final = "Question"  # speaks the questions that stand in a text by themselves
_SRT: Final = re.compile(r"^\s*\d+\s*\n\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->")
_DAY: Final = re.compile(r"(?<!\d)(\d{4})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)")
_PARTS_OF_NAMES: Final = re.compile(
    r"\b(interviews?|transcripts?|recording|call|meeting|with|zoom|teams|audio|notes?|final|en|copy)\b", re.IGNORECASE
)


def is_table(*, name: str, content: bytes) -> bool:
    """Tell whether a file is a table, in which a row is an interview.

    Raises
    ------
    FileError
        When it is of a kind that nobody reads here, empty, too large, encrypted or corrupt.
    """
    refuse_size(name=name, size=len(content))
    ending = PurePath(name).suffix.lower()
    if content.startswith(OLE):
        if is_encrypted(content):
            raise FileError(f"{name} is encrypted. Save it without a password.")
        raise FileError(f"{name} is an old Word or Excel file. Save it as .docx or .xlsx.")
    if kind := foreign_kind(content):
        raise FileError(f"{name} is {kind}. Save its words as {KINDS}.")
    if content.startswith(ZIP):
        return _is_workbook(name, content)
    if ending in {".docx", ".xlsx"}:
        raise FileError(f"{name} is not what its name says: no {ending} file begins like this. Save it again.")
    if ending in TABLES:
        return True
    if ending not in TEXTS | {".vtt", ".srt"}:
        raise FileError(f"{name} is of a kind that is not read here. Save it as {KINDS}.")
    return False


def _is_workbook(name: str, content: bytes) -> bool:
    with open_archive(name=name, content=content) as archive:
        parts = set(archive.namelist())
    if MAIN_PART in parts:
        return False
    if "xl/workbook.xml" in parts:
        return True
    if "mimetype" in parts:
        raise FileError(f"{name} is an OpenDocument file. Save it as .docx or .xlsx.")
    raise FileError(f"{name} is a packed archive or a broken document. Unpack it, or save it again as .docx.")


def read_talk(*, name: str, content: bytes, questions: Collection[str] = ()) -> Talk:
    """Read a file that is no table. `questions` are the guide's: a line that is one of them asks what follows.

    Raises
    ------
    FileError
        When it cannot be read, or nothing is told in it.
    """
    ending = PurePath(name).suffix.lower()
    text = read_document(name=name, content=content) if content.startswith(ZIP) else decode(name=name, content=content)
    if len(text) > MOST_TEXT:
        raise FileError(f"{name} has more than {MOST_TEXT:,} characters, which is more than one interview. Split it.")
    if ending == ".vtt" or text.lstrip("\ufeff").startswith("WEBVTT"):
        return Talk(tuple(read_subtitles(name=name, text=text, kind="vtt")), _facts(name))
    if ending == ".srt" or _SRT.match(text):
        return Talk(tuple(read_subtitles(name=name, text=text, kind="srt")), _facts(name))
    return _read_text(name, text, questions)


def _read_text(name: str, text: str, questions: Collection[str]) -> Talk:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\ufeff\n ")
    account: Account | None = None
    body = text
    if has_header(text):
        try:
            account = account_read(text)
        except UnreadableAccount as error:
            raise FileError(f"{name}: {error}.") from error
        body = text.partition("\n\n")[2]
    turns = conversation(body.split("\n")) or _told(body, questions)
    if not turns:
        raise FileError(f"{name} has no words in it that tell of anything.")
    if account is None:
        return Talk(tuple(turns), _facts(name))
    facts = {
        "customer": account.customer,
        "role": account.role,
        "segment": account.segment,
        "outcome": account.outcome,
        "held_on": account.held_on.isoformat() if account.held_on else _facts(name).get("held_on", ""),
        "notes": account.notes,
    }
    return Talk(tuple(turns), {key: value for key, value in facts.items() if value}, account.questions)


def _told(body: str, questions: Collection[str]) -> list[Turn]:
    """Give the paragraphs of a text without speakers; headings that ask stand between them."""
    turns: list[Turn] = []
    told: list[str] = []

    def close() -> None:
        turns.extend(timed_paragraphs(paragraphs("\n".join(told))))
        told.clear()

    for line in body.split("\n"):
        asked = question_of(line, questions)
        if asked:
            close()
            turns.append(Turn(asked, ASKED))
        else:
            told.append(line)
    close()
    return turns if any(turn.speaker != ASKED for turn in turns) else []


def _facts(name: str) -> dict[str, str]:
    """Guess the customer and the date from a file's name."""
    stem = PurePath(name).stem
    day = ""
    for match in _DAY.finditer(stem):
        try:
            day = date(*(int(part) for part in match.groups())).isoformat()
        except ValueError:
            continue
    words = _PARTS_OF_NAMES.sub(" ", re.sub(r"[-_.+]+", " ", _DAY.sub(" ", stem)))
    words = " ".join(word for word in words.split() if not word.isdecimal())
    facts = {"customer": (words[:1].upper() + words[1:])[:160], "held_on": day}
    return {key: value for key, value in facts.items() if value}
