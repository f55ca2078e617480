"""What was said: turns of a conversation, found in plain text by its lines, and cut into passages."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.text import sentences

MOST_WORDS: Final = 110  # of a passage; a turn that runs on is cut at the end of a sentence
ASKERS: Final = frozenset(
    {"interviewer", "interviewers", "moderator", "host", "researcher", "facilitator", "question", "questions", "q"}
)
TELLERS: Final = frozenset(
    {"customer", "interviewee", "respondent", "participant", "client", "buyer", "guest", "answer", "answers", "a", "r"}
)
FEWEST_LABELS: Final = 2
LEAST_SHARE: Final = 0.2  # of a text's lines that name a speaker, or it is no conversation

_TIME = r"[\[(]?(?P<{0}>(?:\d{{1,2}}:)?\d{{1,2}}:\d{{2}}(?:[.,]\d{{1,3}})?)[\])]?"
_NAME: Final = r"(?P<name>[^\W\d_a-z][\w.'’&-]{0,30}(?: [\w.'’&()-]{1,30}){0,4})"
_LABELLED: Final = re.compile(
    rf"^(?:{_TIME.format('before')}\s*[-–—]?\s*)?{_NAME}(?:\s*{_TIME.format('after')})?\s*:(?:\s+(?P<words>.*))?$"
)
_TITLED: Final = re.compile(
    rf"^(?:{_NAME}\s+{_TIME.format('after')}|{_TIME.format('before')}\s+{_NAME.replace('name', 'late')})$"
)
_TIMED: Final = re.compile(rf"^{_TIME.format('before')}(?:\s+(?P<words>.*))?$")


@dataclass(frozen=True)
class Mark:
    """From `at` on, a turn's text was said at these milliseconds of the recording."""

    at: int
    starts_ms: int
    ends_ms: int | None = None


@dataclass(frozen=True)
class Turn:
    """What one speaker said before another spoke; `speaker` is empty where nobody is named."""

    text: str
    speaker: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Talk:
    """What a file says: its turns in order, and the facts of the interview that its header or name gives."""

    turns: tuple[Turn, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    questions: frozenset[int] = frozenset()  # named in the header


@dataclass(frozen=True)
class Piece:
    """A passage: a few sentences of one turn, with the time at which they begin and end."""

    text: str
    speaker: str
    starts_ms: int | None = None
    ends_ms: int | None = None


def milliseconds(clock: str) -> int:
    """Read a time such as 1:02:03.4 or 02:03."""
    whole, _, fraction = clock.replace(",", ".").partition(".")
    seconds = 0
    for part in whole.split(":"):
        seconds = 60 * seconds + int(part)
    return 1000 * seconds + int(fraction.ljust(3, "0")[:3] or 0)


def conversation(lines: Sequence[str]) -> list[Turn] | None:
    """Give the turns of a text whose lines name their speakers, else None.

    A line names one as “Anna Berg: …”, “[00:01:02] Anna: …”, or on a line of its own as “Anna Berg  0:03”. A name
    counts where it comes twice, with a time, or says whose part it is (“Interviewer”).
    """
    found = [_labelled(line.strip()) for line in lines]
    counts = Counter(label[0] for label in found if label is not None)
    timed = {label[0] for label in found if label is not None and label[1] is not None}
    known = {name for name in counts if name.lower() in ASKERS | TELLERS}
    names = {name for name, count in counts.items() if count >= FEWEST_LABELS} | timed | known
    labels = [label if label is not None and label[0] in names else None for label in found]
    number, filled = sum(label is not None for label in labels), sum(bool(line.strip()) for line in lines)
    if number < FEWEST_LABELS or number < LEAST_SHARE * filled:
        return None
    return _turns(lines, labels)


def _labelled(line: str) -> tuple[str, int | None, str] | None:
    """Give (speaker, milliseconds, words) where a line begins with a speaker."""
    titled = _TITLED.match(line)
    if titled is not None:
        name = titled["name"] or titled["late"]
        return name, milliseconds(titled["after"] or titled["before"]), ""
    match = _LABELLED.match(line)
    if match is None:
        return None
    clock = match["before"] or match["after"]
    return match["name"], milliseconds(clock) if clock else None, match["words"] or ""


def _turns(lines: Sequence[str], labels: Sequence[tuple[str, int | None, str] | None]) -> list[Turn]:
    turns: list[Turn] = []
    speaker, starts, words = "", None, list[str]()

    def close() -> None:
        text = " ".join(" ".join(words).split())
        words.clear()
        if text:
            turns.append(Turn(text, speaker, (Mark(0, starts),) if starts is not None else ()))

    for line, label in zip(lines, labels, strict=True):
        if label is not None:
            close()
            speaker, starts = label[0], label[1]
            words.append(label[2])
        elif line.strip():
            words.append(line)
        else:
            close()
    close()
    return turns


def timed_paragraphs(paragraphs: Iterable[str]) -> list[Turn]:
    """Give a turn for each paragraph, with its time where it begins with one."""
    turns: list[Turn] = []
    starts: int | None = None
    for paragraph in paragraphs:
        match = _TIMED.match(paragraph)
        if match is not None:
            starts = milliseconds(match["before"])
        text = (match["words"] or "").strip() if match is not None else paragraph
        if text:
            turns.append(Turn(text, marks=(Mark(0, starts),) if starts is not None else ()))
            starts = None
    return turns


def cut(turn: Turn) -> list[Piece]:
    """Cut a turn into passages of at most about `MOST_WORDS` words, at the ends of sentences."""
    spans: list[tuple[int, int]] = []
    words = 0
    for sentence in sentences(turn.text):
        number = len(sentence.text.split())
        if spans and words + number <= MOST_WORDS:
            spans[-1] = (spans[-1][0], sentence.end)
            words += number
        else:
            spans.append((sentence.start, sentence.end))
            words = number
    return [_piece(turn, start, end) for start, end in spans]


def _piece(turn: Turn, start: int, end: int) -> Piece:
    first = next((mark for mark in reversed(turn.marks) if mark.at <= start), None)
    last = next((mark for mark in reversed(turn.marks) if mark.at < end), None)
    return Piece(
        turn.text[start:end],
        turn.speaker,
        first.starts_ms if first else None,
        last.ends_ms if last else None,
    )


def tellers(turns: Iterable[Turn]) -> dict[str, tuple[int, bool]]:
    """Give {speaker: (words, whether they tell)} in the order heard.

    Whoever is called an interviewer asks; where nobody is, whoever asks most questions a turn asks, if that is clear;
    all others tell.
    """
    words: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for turn in turns:
        words[turn.speaker] += len(turn.text.split())
        spoken[turn.speaker] += 1
        asked[turn.speaker] += "?" in turn.text
    askers = {name for name in words if name.lower() in ASKERS}
    named_tellers = {name for name in words if name.lower() in TELLERS}
    if not askers and named_tellers:
        askers = set(words) - named_tellers
    elif not askers and len(words) > 1:
        likeliest = max(words, key=lambda name: asked[name] / spoken[name])
        others = max(asked[name] / spoken[name] for name in words if name != likeliest)
        if asked[likeliest] / spoken[likeliest] > others:
            askers = {likeliest}
    return {name: (number, name not in askers) for name, number in words.items()}
