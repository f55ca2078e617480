"""Which question a passage answers: the one that was asked before it, else the one of the buying job that it tells of.

What customers say of each job is learnt once from sentences of our own (`starter/jobs.toml`).
"""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.text import sentences
from interviews.choices import Job, PlacedBy
from interviews.models import Question
from interviews.services.learning import remember
from interviews.services.matching import Memory
from interviews.services.reading import ASKED, Piece
from journey.classes import Classes, learn

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "starter" / "jobs.toml"
JOBS: Final = tuple(Job.values)
SAME_QUESTION: Final = 0.62  # cosine from which what an interviewer says is the guide's question in other words
NAMED: Final = 0.15  # what a question named in the file's header is worth, in score
OWN_WORDS: Final = 0.2  # what the question's own wording is worth between questions of one job, in score a cosine
FEWEST_WORDS: Final = 4  # of a sentence that says anything by itself


@dataclass(frozen=True)
class Placement:
    """The question that a passage answers, and how sure that is, from 0 to 1."""

    question: Question
    placed_by: PlacedBy
    sureness: float


@lru_cache(maxsize=1)
def _learnt() -> Classes:
    examples = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    texts = [text for job in JOBS for text in examples[job]]
    marks = [place for place, job in enumerate(JOBS) for _ in examples[job]]
    return learn(Memory(remember.embed, len(texts))(texts), marks, len(JOBS))


def job_scores(texts: Sequence[str]) -> NDArray[np.float64]:
    """Give how much each text tells of each buying job, shape (texts, 6), in the order of `JOBS`; rows sum to about 1.

    A text of several sentences is the mean of them, weighted by their words.
    """
    lines: list[str] = []
    owner: list[int] = []
    for place, text in enumerate(texts):
        said = [row.text for row in sentences(text) if len(row.text.split()) >= FEWEST_WORDS] or [text]
        lines.extend(said)
        owner.extend([place] * len(said))
    if not lines:
        return np.zeros((0, len(JOBS)))
    scored = _learnt().scores(remember(lines))
    weights = np.array([len(line.split()) for line in lines], dtype=np.float64) + 1.0
    total, found = np.zeros(len(texts)), np.zeros((len(texts), len(JOBS)))
    np.add.at(total, owner, weights)
    np.add.at(found, owner, scored * weights[:, None])
    return np.asarray(found / total[:, None])


def pieces_place(
    pieces: Sequence[Piece],
    questions: Sequence[Question],
    *,
    tell: Collection[str],
    named: Collection[int] = (),
) -> list[Placement]:
    """Say which question each passage answers, or would if its speaker's words counted; `tell` are those whose do.

    After somebody has asked a question of the guide, in its words or like them, what is told answers it, until another
    is asked. Questions named in the file's header are favoured by `NAMED`.
    """
    told = [piece.speaker in tell for piece in pieces]
    asked = _asked(pieces, told, questions)
    now: Question | None = None
    placements: list[Placement] = []
    for place, guessed in enumerate(_by_meaning([piece.text for piece in pieces], questions, named)):
        now = asked.get(place, now)
        placements.append(guessed if now is None else Placement(now, PlacedBy.ASKED, 1.0))
    return placements


def _asked(pieces: Sequence[Piece], told: Sequence[bool], questions: Sequence[Question]) -> dict[int, Question]:
    """Give {place of a passage: the question of the guide that is asked in it}."""
    asking = [
        place for place, piece in enumerate(pieces) if not told[place] and ("?" in piece.text or piece.speaker == ASKED)
    ]
    if not asking:
        return {}
    lines = [(place, row.text) for place in asking for row in sentences(pieces[place].text)]
    likeness = remember([text for _, text in lines]) @ remember([question.text for question in questions]).T
    found: dict[int, tuple[float, Question]] = {}
    for (place, _), row in zip(lines, likeness, strict=True):
        best = int(row.argmax())
        if row[best] >= SAME_QUESTION and row[best] > found.get(place, (0.0, None))[0]:
            found[place] = (float(row[best]), questions[best])
    return {place: question for place, (_, question) in found.items()}


def _by_meaning(texts: Sequence[str], questions: Sequence[Question], named: Collection[int]) -> list[Placement]:
    if not texts:
        return []
    scores = job_scores(texts)[:, [JOBS.index(question.job) for question in questions]]
    scores = scores + NAMED * np.array([question.position in named for question in questions])
    jobs = [question.job for question in questions]
    if len(set(jobs)) < len(jobs):
        scores = scores + OWN_WORDS * (remember(texts) @ remember([question.text for question in questions]).T)
    placements = []
    for row in scores:
        best = int(row.argmax())
        others = [row[place] for place, job in enumerate(jobs) if job != jobs[best]]
        sure = float(row[best] - max(others)) if others else 1.0
        placements.append(Placement(questions[best], PlacedBy.MEANING, round(min(max(sure, 0.0), 1.0), 4)))
    return placements
