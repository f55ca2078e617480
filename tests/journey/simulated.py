"""Interviews told by customers of a process that is known, to see how much of it is found again.

A process has four to eight stages of three to six activities. A customer goes through it: at a stage first come to,
each of its activities is told with some probability, in any order; at a stage come back to, fewer are. Then the
customer moves: a quarter of the moves lead back to some earlier stage, the others on to the next. Activities bear
numbers that say nothing of their place. An activity's buying question is that of its stage four times in five, else any
other. Meaning is either nothing at all, or as sentence embeddings have it: cosines that scatter by 0.12, on average
0.42 inside a stage and 0.30 outside.
"""

from dataclasses import dataclass

import numpy as np

from journey.derivation import Derivation, derive

BACK, RIGHT = 0.34, 0.8  # from the first stage no move leads back, so a quarter of all moves do


@dataclass(frozen=True, slots=True)
class Habits:
    """How customers tell: the chance of an activity at a first and at a later visit, and whether in one order."""

    told: float = 0.6
    again: float = 0.3
    in_order: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was told, and the stage that each activity is really of."""

    sequences: list[list[int]]
    jobs: np.ndarray
    meaning: np.ndarray
    home: np.ndarray
    moves_back: float


def simulate(seed: int, interviews: int, habits: Habits = Habits(), *, meaning: bool = False) -> Known:
    """Draw a process and the interviews of its customers; activities that nobody told are left out."""
    rng = np.random.default_rng(seed)
    n_stages = int(rng.integers(4, 9))
    stage = np.repeat(np.arange(n_stages), rng.integers(3, 7, size=n_stages))
    stage = stage[rng.permutation(stage.size)]
    paths = [_path(rng, n_stages) for _ in range(interviews)]
    told = [[a for part in _tellings(rng, path, stage, habits) for a in part] for path in paths]
    known = sorted({activity for sequence in told for activity in sequence})
    number = {activity: index for index, activity in enumerate(known)}
    home = stage[known]
    wrong = rng.random(home.size) >= RIGHT
    jobs = np.where(wrong, (home + rng.integers(1, n_stages, size=home.size)) % n_stages, home)
    steps = [step for path in paths for step in np.diff(path)]
    return Known(
        [[number[activity] for activity in sequence] for sequence in told],
        jobs,
        _meaning(rng, home) if meaning else np.zeros((home.size, home.size)),
        np.unique(home, return_inverse=True)[1],
        float(np.mean(np.array(steps) < 0)),
    )


def found(known: Known) -> Derivation:
    """Derive the process again."""
    return derive(known.sequences, known.jobs, known.meaning, ["won"] * len(known.sequences))


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Give the adjusted Rand index (Hubert and Arabie 1985): 1 for the same stages, 0 for agreement by chance."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, left, right, every = (pairs(part) for part in (table, table.sum(1), table.sum(0), table.sum(keepdims=True)))
    chance, most = left * right / every, (left + right) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def order_kept(known: Known, derivation: Derivation) -> float:
    """Give the share of pairs of activities of different stages that stand in their real order."""
    place = np.empty(known.home.size)
    place[derivation.order] = np.arange(known.home.size)
    earlier = known.home[:, None] < known.home[None, :]
    return float((place[:, None] < place[None, :])[earlier].mean())


def _path(rng: np.random.Generator, n_stages: int) -> list[int]:
    path = [0]
    while path[-1] < n_stages - 1:
        back = path[-1] > 0 and rng.random() < BACK
        path.append(int(rng.integers(0, path[-1])) if back else path[-1] + 1)
    return path


def _tellings(rng: np.random.Generator, path: list[int], stage: np.ndarray, habits: Habits) -> list[list[int]]:
    parts, seen = [], set()
    for here in path:
        activities = np.flatnonzero(stage == here)
        if not habits.in_order:
            activities = rng.permutation(activities)
        chosen = activities[rng.random(activities.size) < (habits.again if here in seen else habits.told)]
        parts.append(chosen.tolist() or [int(rng.choice(activities))])
        seen.add(here)
    return parts


def _meaning(rng: np.random.Generator, home: np.ndarray) -> np.ndarray:
    scatter = np.triu(rng.normal(0.0, 0.12, (home.size, home.size)), 1)
    cosine = np.clip(np.where(home[:, None] == home, 0.42, 0.30) + scatter + scatter.T, 0.0, 1.0)
    np.fill_diagonal(cosine, 1.0)
    return cosine
