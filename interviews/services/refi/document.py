"""What a REFI-QDA file says, in our words: no XML and no rows of the database."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

NAMESPACE: Final = uuid.UUID("6d3f4b0e-6a55-4c0b-9a3c-5a1e5d1c8f21")


def guid_of(*parts: object) -> str:
    """Give the same id for the same thing, in every file."""
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, parts))))


@dataclass(frozen=True)
class Coder:
    """A person who coded."""

    guid: str
    name: str
    email: str = ""


@dataclass
class CodeItem:
    """A code; `kind` is empty where the file says nothing of it, and `own` is False for a mere heading."""

    guid: str
    name: str
    kind: str = ""
    job: str = ""
    channel: str = ""
    description: str = ""
    own: bool = True
    children: "list[CodeItem]" = field(default_factory=list)

    def walk(self, parent: "CodeItem | None" = None) -> "Iterator[tuple[CodeItem, CodeItem | None]]":
        """Give this code and all below it, each with the one above it."""
        yield self, parent
        for child in self.children:
            yield from child.walk(self)


@dataclass(frozen=True)
class QuestionItem:
    """A question of a guide."""

    guid: str
    position: int
    job: str
    text: str
    prompts: str = ""


@dataclass(frozen=True)
class GuideItem:
    """One wording of a guide."""

    guid: str
    title: str
    number: int
    introduction: str
    questions: tuple[QuestionItem, ...]


@dataclass(frozen=True)
class Coding:
    """Words of a source that carry a code; `start` and `end` count code points of its text."""

    guid: str
    start: int
    end: int
    code: str
    coder: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class AnswerSpan:
    """The stretch of a source that answers a question."""

    question: str
    start: int
    end: int


@dataclass(frozen=True)
class MomentItem:
    """A moment of the timeline; the span is of the words that tell it, where there are any."""

    activity: str
    day: str = ""
    span: tuple[int, int] | None = None
    together: bool = False
    place_words: str = ""
    date_words: str = ""


@dataclass
class Source:
    """A text with what is coded in it, and what is known of the interview."""

    guid: str
    name: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)
    memo: str = ""
    account: str = ""
    guide: str = ""
    answers: list[AnswerSpan] = field(default_factory=list)
    codings: list[Coding] = field(default_factory=list)
    moments: list[MomentItem] = field(default_factory=list)


@dataclass
class Document:
    """A codebook, and for a project its coders, guides and sources. `left_out` says what was not read, and why."""

    name: str
    origin: str = ""
    codes: list[CodeItem] = field(default_factory=list)
    coders: list[Coder] = field(default_factory=list)
    guides: list[GuideItem] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    is_project: bool = True

    def all_codes(self) -> list[tuple[CodeItem, CodeItem | None]]:
        """Give every code with the one above it, wider ones first."""
        return [pair for root in self.codes for pair in root.walk()]
