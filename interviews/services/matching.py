"""Which sentences speak of which codes: the mathematics of suggestions, on unit vectors, without the database."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

NAME_SHARE: Final = 0.35  # of a code's own likeness; the rest is its description's
EXAMPLE_SHARE: Final = 0.6  # of a sentence's likeness to what people coded so before
USUAL: Final = 0.18  # mean cosine of a sentence with a code that it does not speak of, all-MiniLM-L6-v2
USUAL_COUNTS: Final = 40  # sentences that this experience weighs against an interview's own
MIDDLE, SPREAD = 0.357, 0.05  # cosine at which a person agrees every other time, and how fast that rises
SAME_JOB: Final = 0.015  # a code of the job that the question asks about is a little likelier
FEWEST_WORDS: Final = 5


@dataclass(frozen=True)
class Candidate:
    """A code as the matching sees it; `exclusive` ones shut each other out (one activity a sentence)."""

    name: str
    description: str
    examples: tuple[str, ...]
    job: str
    exclusive: bool


@dataclass(frozen=True)
class Line:
    """A sentence: its words, the block (paragraph) it stands in, and the job that its question asks about."""

    text: str
    block: int
    job: str


@dataclass(frozen=True)
class Match:
    """Sentence `line` speaks of code `candidate`; `score` is from 0 to 1."""

    line: int
    candidate: int
    score: float


class Memory:
    """Vectors of texts seen lately, by a digest of the text, so that codes are not read again for each interview.

    Threads may share it. The model reads outside of the lock: two of them may read one text, and both are right.
    """

    def __init__(self, embed: Embed, size: int = 6000) -> None:
        self.embed = embed
        self.size = size
        self.vectors: OrderedDict[bytes, Vectors] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Give one unit vector a text, as `embed` does."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        with self.lock:
            found = {key: self.vectors[key] for key in keys if key in self.vectors}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            read = dict(zip(new, self.embed(list(new.values())), strict=True))
            found |= read
            with self.lock:
                self.vectors |= read
                while len(self.vectors) > self.size:
                    self.vectors.popitem(last=False)
        return np.array([found[key] for key in keys], dtype=np.float32)


def likeness(lines: Vectors, candidates: Sequence[Candidate], embed: Embed) -> NDArray[np.float64]:
    """Give the cosine-like likeness of each sentence to each code.

    Parameters
    ----------
    lines
        Unit vectors of the sentences, shape (n, dimension).
    candidates
        The m codes.
    embed
        Gives unit vectors of texts.

    Returns
    -------
    ndarray of shape (n, m), float64, roughly -0.2 to 1
        The name's and the description's cosines mixed, raised where the sentence is like what people coded so before
        (mean of the two nearest examples).
    """
    names = lines @ embed([candidate.name for candidate in candidates]).T
    wholes = lines @ embed([_whole(candidate) for candidate in candidates]).T
    descriptions = lines @ embed([candidate.description or candidate.name for candidate in candidates]).T
    own = NAME_SHARE * names + (1 - NAME_SHARE) * np.maximum(wholes, descriptions)
    for column, candidate in enumerate(candidates):
        if candidate.examples:
            near = np.sort(lines @ embed(candidate.examples).T, axis=1)[:, -2:].mean(axis=1)
            mixed = EXAMPLE_SHARE * near + (1 - EXAMPLE_SHARE) * own[:, column]
            own[:, column] = np.maximum(own[:, column], mixed)
    return np.asarray(own, dtype=np.float64)


def _whole(candidate: Candidate) -> str:
    return f"{candidate.name}. {candidate.description}" if candidate.description else candidate.name


def scores(lines: Sequence[Line], candidates: Sequence[Candidate], embed: Embed) -> NDArray[np.float64]:
    """Give how likely a person is to agree that a sentence carries a code, from 0 to 1, shape (n, m).

    Notes
    -----
    A code that the whole interview is near to (everybody talks of vendors) tells less: the interview's own mean for a
    code is taken off, shrunk towards the usual mean by `USUAL_COUNTS` sentences. The rest passes a logistic curve.
    """
    if not lines or not candidates:
        return np.zeros((len(lines), len(candidates)))
    found = likeness(embed([line.text for line in lines]), candidates, embed)
    count = len(lines)
    mean = (count * found.mean(axis=0) + USUAL_COUNTS * USUAL) / (count + USUAL_COUNTS)
    found -= mean - USUAL
    jobs = np.array([[bool(line.job) and line.job == candidate.job for candidate in candidates] for line in lines])
    found += SAME_JOB * jobs
    return np.asarray(1.0 / (1.0 + np.exp(-(found - MIDDLE) / SPREAD)))


def best_matches(
    lines: Sequence[Line], candidates: Sequence[Candidate], embed: Embed, *, least: float, least_other: float
) -> list[Match]:
    """Choose what is worth asking a person.

    Parameters
    ----------
    least, least_other
        The lowest score for exclusive codes (activities) and for all others.

    Returns
    -------
    list of Match
        In the order of the sentences: for each sentence at most one exclusive code, the likeliest; for each block and
        code the likeliest sentence only. Sentences that tell nothing are left out (`tells`).
    """
    grid = scores(lines, candidates, embed)
    exclusive = np.array([candidate.exclusive for candidate in candidates], dtype=bool)
    found: dict[tuple[int, int], Match] = {}
    for row, line in enumerate(lines):
        if not tells(line.text):
            continue
        for column in _worth_asking(grid[row], exclusive, least, least_other):
            match = Match(row, column, float(grid[row, column]))
            twin = found.get((line.block, column))
            if twin is None or match.score > twin.score:
                found[line.block, column] = match
    return sorted(found.values(), key=lambda match: (match.line, -match.score))


def tells(sentence: str) -> bool:
    """Tell whether a sentence can report something: not a question, not the announcement of a list, not two words."""
    return len(sentence.split()) >= FEWEST_WORDS and not sentence.endswith(("?", ":"))


def _worth_asking(
    row: NDArray[np.float64], exclusive: NDArray[np.bool_], least: float, least_other: float
) -> list[int]:
    chosen = [int(column) for column in np.flatnonzero(~exclusive & (row >= least_other))]
    if exclusive.any():
        best = int(np.argmax(np.where(exclusive, row, -1.0)))
        if row[best] >= least:
            chosen.append(best)
    return chosen
