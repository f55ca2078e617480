"""Accounts as text files: their header lines, and their paragraphs without the noise of a web page's mark-up."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from interviews.choices import PurchaseOutcome

HEADERS: Final = frozenset({"customer", "outcome", "questions", "title", "source", "date", "role", "segment"})
FEWEST_WORDS = 4  # less is a heading, a name in a list or a button

_HEADER: Final = re.compile(r"^([A-Z][A-Za-z]{2,30}):[ \t]*(.*)$")
_RULE: Final = re.compile(r"^\s*([-*_=~])(\s*\1){2,}\s*$")
_HEADING: Final = re.compile(r"^\s{0,3}#{1,6}\s")
_BOLD_ONLY: Final = re.compile(r"^\s*(\*\*|__)[^*_]+\1:?\s*$")
_ITEM: Final = re.compile(r"^\s*(?:[-*+•]|\(?\d{1,2}[.)])\s+")
_QUOTE: Final = re.compile(r"^\s*(?:>\s?)+")
_NOISE: Final = (
    (re.compile(r"<!--.*?-->|\{[%{].*?[%}]\}", re.DOTALL), ""),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[\^[^\]]+\]:?"), ""),
    (re.compile(r"</?[A-Za-z][^>]*>"), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]*)`"), r"\1"),
)
_DATE_IN_ADDRESS: Final = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")
_OUTCOMES: Final = frozenset(PurchaseOutcome.values)


class UnreadableAccount(ValueError):  # noqa: N818  what is wrong with the file, not with the program
    """The file is no account that can be read; the message says why."""


@dataclass(frozen=True)
class Account:
    """A customer's account from a file: who, how it ended, the questions that it speaks to, its paragraphs in order."""

    customer: str
    outcome: str
    paragraphs: tuple[str, ...]
    questions: frozenset[int] = field(default_factory=frozenset)
    title: str = ""
    source: str = ""
    held_on: date | None = None
    role: str = ""
    segment: str = ""

    @property
    def text(self) -> str:
        """The whole account, a blank line between paragraphs."""
        return "\n\n".join(self.paragraphs)

    @property
    def notes(self) -> str:
        """Where it was told, for the interview's notes."""
        return "\n".join(line for line in (self.title, self.source) if line)


def account_read(source: str) -> Account:
    """Read an account: header lines, a blank line, the text.

    Raises
    ------
    UnreadableAccount
        With the reason, for a person.
    """
    if not source.strip():
        raise UnreadableAccount("the file is empty")
    head, _, body = source.lstrip("\ufeff\r\n ").replace("\r\n", "\n").partition("\n\n")
    header = _header(head)
    customer = header.get("customer", "")
    if not customer:
        raise UnreadableAccount("its first lines do not name a Customer")
    outcome = header.get("outcome", PurchaseOutcome.OPEN).lower()
    if outcome not in _OUTCOMES:
        raise UnreadableAccount(f"“{outcome}” is no outcome; write {', '.join(sorted(_OUTCOMES))}")
    found = tuple(paragraphs(body))
    if not found:
        raise UnreadableAccount("there is no text after the header")
    return Account(
        customer=customer[:160],
        outcome=outcome,
        paragraphs=found,
        questions=_questions(header.get("questions", "")),
        title=header.get("title", ""),
        source=header.get("source", ""),
        held_on=_date(header.get("date", ""), header.get("source", "")),
        role=header.get("role", "")[:160],
        segment=header.get("segment", "")[:80],
    )


def has_header(source: str) -> bool:
    """Tell whether a text begins with header lines that name the customer, rather than with what somebody says."""
    head = source.lstrip("\ufeff\r\n ").replace("\r\n", "\n").partition("\n\n")[0].split("\n")
    names = [match[1].lower() if (match := _HEADER.match(line.strip())) else "" for line in head]
    return "customer" in names and all(name in HEADERS for name in names)


def question_of(line: str, known: Collection[str]) -> str:
    """Give the question that a line asks as a heading, or as one of the `known` ones, else nothing."""
    plain = _plain(_HEADING.sub("", _ITEM.sub("", _QUOTE.sub("", line))))
    if plain.casefold() in {question.casefold() for question in known}:
        return plain
    heading = _HEADING.match(line) or _BOLD_ONLY.match(line)
    return plain if heading and plain.endswith("?") else ""


def _header(head: str) -> dict[str, str]:
    header: dict[str, str] = {}
    for line in head.split("\n"):
        match = _HEADER.match(line.strip())
        if match is None:
            raise UnreadableAccount(f"“{line.strip()[:40]}” is no header line like “Customer: Harbour Mills”")
        header[match[1].lower()] = match[2].strip()
    return header


def _questions(words: str) -> frozenset[int]:
    numbers = re.findall(r"[^,\s]+", words)
    if not all(re.fullmatch("[1-6]", number) for number in numbers):
        raise UnreadableAccount(f"“{words}” are no questions; write numbers from 1 to 6 with commas")
    return frozenset(int(number) for number in numbers)


def _date(words: str, address: str) -> date | None:
    """Give the date named, else the one that a web address carries."""
    if words:
        try:
            return date.fromisoformat(words)
        except ValueError as error:
            raise UnreadableAccount(f"“{words}” is no date like 2026-03-31") from error
    match = _DATE_IN_ADDRESS.search(address)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def paragraphs(body: str) -> list[str]:
    """Give the paragraphs of a text, unwrapped and without mark-up; each item of a list is one of its own."""
    for pattern, kept in _NOISE:
        if pattern.pattern.startswith("<!--"):
            body = pattern.sub(kept, body)
    found: list[str] = []
    lines: list[str] = []

    def close() -> None:
        text = _plain(" ".join(lines))
        lines.clear()
        if len(text.split()) >= FEWEST_WORDS:
            found.append(text)

    for raw in body.split("\n"):
        line = _QUOTE.sub("", raw)
        if _RULE.match(line):
            # a line of dashes under a single line makes that line a heading
            if len(lines) == 1 and not lines[0].endswith((".", "!", "?", "”", '"')):
                lines.clear()
            close()
        elif not line.strip() or _HEADING.match(line) or _BOLD_ONLY.match(line):
            close()
        elif _ITEM.match(line):
            close()
            lines.append(_ITEM.sub("", line))
        else:
            lines.append(line.strip())
    close()
    return found


def _plain(text: str) -> str:
    for pattern, kept in _NOISE:
        text = pattern.sub(kept, text)
    return " ".join(text.split())
