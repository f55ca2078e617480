"""Measure how much of a known process is found again from simulated interviews, and how long many interviews take.

`tests/journey/simulated.py` says how customers tell. Figures are medians over the seeds.

Run from the root: `.venv/bin/python script/bench_recovery.py [seeds] [interviews of the speed line]`.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from journey.derivation import derive
from journey.stability import Interviews, bootstrap
from tests.journey.simulated import Habits, agreement, found, order_kept, simulate

SEEDS, MANY, MOMENTS, ACTIVITIES, STAGES = 40, 500, 20, 40, 8
AGREEMENT, ORDER = {12: 0.80, 30: 0.90}, 0.97
SECONDS, MEGABYTES = 20.0, 600.0
WAYS = {
    "any order inside a stage, 6 in 10 told": Habits(),
    "any order inside a stage, half told": Habits(told=0.5),
    "one order inside a stage, 6 in 10 told": Habits(in_order=True),
}


def recovery(seeds: int) -> bool:
    held = True
    for name, habits in WAYS.items():
        for meaning in (False, True):
            for interviews, least in AGREEMENT.items():
                made = [simulate(seed, interviews, habits, meaning=meaning) for seed in range(seeds)]
                pairs = [(known, found(known)) for known in made]
                agreed = float(np.median([agreement(known.home, again.home) for known, again in pairs]))
                order = float(np.median([order_kept(known, again) for known, again in pairs]))
                back = float(np.mean([known.moves_back for known in made]))
                said = "noisy meaning" if meaning else "no meaning"
                print(
                    f"{name:<40} {said:<14} {interviews:>3} interviews   adjusted Rand {agreed:.3f}   "
                    f"order {order:.3f}   moves back {back:.2f}",
                    flush=True,
                )
                if not habits.in_order:
                    held = held and agreed >= least and order >= ORDER
    return held


def speed(interviews: int) -> bool:
    rng = np.random.default_rng(20260)
    home = np.sort(rng.integers(0, STAGES, ACTIVITIES))
    sequences = []
    for _ in range(interviews):
        walk = np.clip(np.sort(rng.uniform(0, STAGES, MOMENTS)) + rng.normal(0, 0.8, MOMENTS), 0, STAGES - 1).astype(
            int
        )
        sequences.append([int(rng.choice(np.flatnonzero(home == stage))) for stage in walk])
    outcomes = rng.choice(["won", "lost", "no_decision"], interviews).tolist()
    meaning = np.zeros((ACTIVITIES, ACTIVITIES))
    begin = time.perf_counter()
    derived = derive(sequences, home, meaning, outcomes)
    bootstrap(Interviews(sequences, home, meaning, outcomes), derived.home, rng, n_stages=derived.n_stages)
    seconds = time.perf_counter() - begin
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{interviews} interviews of {MOMENTS} moments, {ACTIVITIES} activities, 200 resamples   "
        f"{seconds:.1f} s   {megabytes:.0f} MB"
    )
    return seconds < SECONDS and megabytes < MEGABYTES


def main() -> int:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    interviews = int(sys.argv[2]) if len(sys.argv) > 2 else MANY  # noqa: PLR2004  the second argument
    fast = speed(interviews)
    return 0 if recovery(seeds) and fast else 1


if __name__ == "__main__":
    sys.exit(main())
