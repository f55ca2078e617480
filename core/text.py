"""Sentences of a text, with their places."""

import re
from dataclasses import dataclass

_ABBREVIATIONS = ("e.g.", "i.e.", "Mr.", "Mrs.", "Ms.", "Dr.", "vs.", "etc.", "No.", "U.S.", "Inc.", "approx.")
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n\s*\n+|\n(?=\s*[-*•])")


@dataclass(frozen=True)
class Sentence:
    """A sentence and its span: `text == source[start:end]`, in code points."""

    text: str
    start: int
    end: int


def sentences(source: str) -> list[Sentence]:
    """Split a text at sentence ends, blank lines and bullets; white space at the edges is left out. O(n)."""
    found: list[Sentence] = []
    start = 0
    for match in [*_BREAK.finditer(source), None]:
        end = match.start() if match else len(source)
        if match and source[start:end].rstrip().endswith(_ABBREVIATIONS):
            continue
        piece = source[start:end]
        left = len(piece) - len(piece.lstrip())
        text = piece.strip()
        if text:
            found.append(Sentence(text, start + left, start + left + len(text)))
        start = match.end() if match else end
    return found
