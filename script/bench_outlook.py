"""Say how well the learned outlook tells which purchases are made, against absorption and a regression over raw counts.

The purchases are real: loan applications of the BPI Challenge 2017. Activities that state the outcome are left out. The
model learns from those that ended before the last third began, and is asked about the last third after 5, 10, 20 and 30
moments, where purchases are that long; none has a part in both.

Run from the root: `.venv/bin/python script/bench_outlook.py FILE`.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from journey import regression
from journey.derivation import derive
from journey.learned import Ground, known_of, learn
from journey.looks import Ended, Paths

Array = npt.NDArray[np.float64]
TELLING = {"A_Pending", "O_Accepted", "A_Cancelled", "O_Cancelled"}  # they say how it ended
AFTER = (5, 10, 20, 30)
LEARNING_SHARE = 2 / 3
DAY = 86_400.0
OUTCOMES = ("won", "lost", "no_decision")


@dataclass(frozen=True)
class Case:
    """One purchase: its activities and the days on which they happened, from its first; 0 won, 2 no decision."""

    began: float
    ended: float
    activities: list[int]
    days: list[float]
    outcome: int


def cases_of(path: Path) -> tuple[list[Case], int]:
    """Read the purchases in the order of their beginnings, and the number of activities."""
    rows = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            moment = datetime.strptime(row["Complete Timestamp"].strip(), "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
            rows[row["Case ID"]].append((moment.timestamp() / DAY, row["Activity"], row["outcome"]))
    names = sorted({name for events in rows.values() for _, name, _ in events} - TELLING)
    number = {name: index for index, name in enumerate(names)}
    found = []
    for events in rows.values():
        events.sort(key=lambda event: event[0])
        seen = [(day, number[name]) for day, name, _ in events if name in number]
        began, ended = events[0][0], events[-1][0]
        outcome = 0 if any(told == "True" for _, _, told in events) else 2
        found.append(Case(began, ended, [a for _, a in seen], [day - began for day, _ in seen], outcome))
    return sorted(found, key=lambda case: case.began), len(names)


def paths_of(cases: Sequence[Case], ages: Sequence[float]) -> Paths:
    """Lay purchases end to end."""
    offsets = np.concatenate([[0], np.cumsum([len(case.activities) for case in cases])]).astype(np.int64)
    signals = np.array([a for case in cases for a in case.activities], dtype=np.int64)
    days = np.array([day for case in cases for day in case.days])
    return Paths(signals, np.ones(signals.size), days, offsets, np.array(ages), np.zeros(len(cases)))


def cut(cases: Sequence[Case], moments: int) -> list[Case]:
    """Give those that were still open after so many moments, as they stood then."""
    return [
        Case(case.began, case.ended, case.activities[:moments], case.days[:moments], case.outcome)
        for case in cases
        if len(case.activities) >= moments and case.ended - case.began > case.days[moments - 1]
    ]


def counts(cases: Sequence[Case], n: int) -> Array:
    """Give what a plain regression sees: counts of activities, the last one, and the log of the days."""
    table = np.zeros((len(cases), 2 * n + 1))
    for row, case in enumerate(cases):
        table[row, :n] = np.bincount(case.activities, minlength=n)
        table[row, n + case.activities[-1]] = 1.0
        table[row, -1] = np.log1p(case.days[-1])
    return table


def auc(scores: Array, truth: npt.NDArray[np.bool_]) -> float:
    """Give the chance that a purchase that was made scores above one that was not, ties counting half."""
    _, rank, size = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(size) - (size - 1) / 2
    made = int(truth.sum())
    return float((middle[rank][truth].sum() - made * (made + 1) / 2) / (made * (truth.size - made)))


def compare(path: Path) -> list[tuple[int, int, int, float, float, float]]:
    """Give for each number of moments: purchases asked about, made, and the AUC of absorption, counts, learned."""
    cases, n = cases_of(path)
    begins = cases[int(len(cases) * LEARNING_SHARE)].began
    past = sorted((case for case in cases if case.ended < begins), key=lambda case: case.ended)
    later = [case for case in cases if case.began >= begins]
    told, ends = [case.activities for case in past], [OUTCOMES[case.outcome] for case in past]
    shape = derive(told, np.zeros(n, dtype=np.int64), np.zeros((n, n)), ends)
    ground = Ground(shape.fit.transitions.matrix, shape.fit.emissions, shape.fit.transitions.start, shape.home)
    whole = paths_of(past, [case.ended - case.began for case in past])
    none = np.zeros(len(past) + 1, dtype=np.int64)
    learned = learn(Ended(whole, np.array([case.outcome for case in past]), np.zeros(0), none, 0), ground)
    found = []
    for moments in AFTER:
        now, before = cut(later, moments), cut(past, moments)
        truth = np.array([case.outcome == 0 for case in now], dtype=np.bool_)
        if not 0 < truth.sum() < truth.size:
            continue
        seen = paths_of(now, [case.days[-1] for case in now])
        known = known_of(seen, ground)
        plain = regression.fit(counts(before, n), [case.outcome for case in before], 3)
        scores = (known.outcomes, plain.chances(counts(now, n)), learned.outcomes(seen.signals, seen.offsets, known))
        absorption, raw, own = (auc(each[:, 0], truth) for each in scores)
        found.append((moments, truth.size, int(truth.sum()), absorption, raw, own))
    return found


def main() -> int:
    """Print the comparison."""
    print("moments  purchases  made  absorption  counts  learned")
    for moments, size, made, absorption, raw, own in compare(Path(sys.argv[1])):
        print(f"{moments:7} {size:10} {made:5} {absorption:11.3f} {raw:7.3f} {own:8.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
