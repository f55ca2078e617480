"""Subtitles, .vtt and .srt: cues joined into turns, speakers and times kept."""

import html
import io
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from core.files import FileError
from interviews.services.reading.talk import ASKERS, FEWEST_LABELS, TELLERS, Mark, Turn, milliseconds

MOST_CUES: Final = 50_000
PAUSE_MS: Final = 4_000  # where nobody is named, a silence of this length after a sentence begins another turn

_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG: Final = re.compile(r"</?[^>]*>")
_LABEL: Final = re.compile(r"^(?:>>\s*|-\s*)?([^\W\d_a-z][\w.'’&-]{0,30}(?: [\w.'’&()-]{1,30}){0,3}):\s+(?=\S)")
_CHANGE: Final = re.compile(r"^(?:>>|-)\s*")
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "”", '"')
_SPOKEN = tuple[str, str, Mark]  # speaker, words, time


def read_subtitles(*, name: str, text: str, kind: str) -> list[Turn]:
    """Read subtitles of kind "vtt" or "srt".

    Raises
    ------
    FileError
        When they are malformed or nothing is said in them.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    try:
        cues = webvtt.WebVTT.from_buffer(io.StringIO("\n".join(lines)), format=kind)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        first = "WEBVTT" if kind == "vtt" else "a number and then a time"
        raise FileError(
            f"{name} is no .{kind} file that can be read: it should begin with {first}, and its times look like "
            f"{'00:01:02.500' if kind == 'vtt' else '00:01:02,500'}. Export it again."
        ) from error
    if len(cues) > MOST_CUES:
        raise FileError(f"{name} has more than {MOST_CUES:,} cues. Split it.")
    turns = _joined(_named(_spoken(cues.captions)))
    if not turns:
        raise FileError(f"{name} has no spoken words in it.")
    return turns


def _spoken(cues: Iterable[webvtt.Caption]) -> list[_SPOKEN]:
    """Give what is said in each cue, a piece for each voice; a line that rolls over from the cue before is left out."""
    found: list[_SPOKEN] = []
    before = ""
    for cue in cues:
        mark = Mark(0, milliseconds(cue.start), milliseconds(cue.end))
        lines = [line for line in cue.raw_text.split("\n") if line.strip()]
        if lines and lines[0] == before:
            lines = lines[1:]
        before = lines[-1] if lines else before
        parts = _VOICE.split("\n".join(lines))
        if parts[0].strip():
            found.append(("", _words(parts[0]), mark))
        found.extend((_words(who), _words(said), mark) for who, said in zip(parts[1::2], parts[2::2], strict=True))
    return [row for row in found if row[1]]


def _words(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _named(rows: list[_SPOKEN]) -> list[_SPOKEN]:
    """Take speakers from “Name: …” at the start of cues; a cue without one goes on with the speaker before it."""
    labels = Counter(match[1] for _, words, _ in rows if (match := _LABEL.match(words)))
    names = {name for name, count in labels.items() if count >= FEWEST_LABELS or name.lower() in ASKERS | TELLERS}
    found: list[_SPOKEN] = []
    speaker = ""
    for who, words, mark in rows:
        match = _LABEL.match(words)
        if match is not None and match[1] in names:
            speaker, said = match[1], words[match.end() :]
        else:
            speaker, said = who or speaker, words
        found.append((speaker, said, mark))
    return found


def _joined(rows: Iterable[_SPOKEN]) -> list[Turn]:
    turns: list[Turn] = []
    for speaker, said, mark in rows:
        changes = _CHANGE.match(said)
        words = said[changes.end() :] if changes else said
        last = turns[-1] if turns else None
        if last is None or changes or _breaks(last, speaker, mark):
            turns.append(Turn(words, speaker, (mark,)))
        else:
            moved = Mark(len(last.text) + 1, mark.starts_ms, mark.ends_ms)
            turns[-1] = Turn(f"{last.text} {words}", speaker, (*last.marks, moved))
    return [turn for turn in turns if turn.text]


def _breaks(last: Turn, speaker: str, mark: Mark) -> bool:
    if speaker != last.speaker:
        return True
    silence = mark.starts_ms - (last.marks[-1].ends_ms or mark.starts_ms)
    return not speaker and silence >= PAUSE_MS and last.text.endswith(_SENTENCE_ENDS)
