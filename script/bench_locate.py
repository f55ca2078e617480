"""Measure `journey.position.locate_many` against the straightforward vectorised filter, in the same run.

The baseline steps all deals together, one signal at a time: it looks up the emissions of each deal's signal, raises
them to the signal's weight, multiplies, and normalises. Both get the same ragged deals; the results must agree to 1e-9.

Run from the root: `.venv/bin/python script/bench_locate.py [deals]`.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from journey.position import locate_many
from journey.signals import emissions
from journey.transitions import Transitions, fit, open_matrix

Array = npt.NDArray[np.float64]
DEALS, MEAN_SIGNALS, STAGES, ACTIVITIES, RUNS = 1_000_000, 10, 8, 40, 3
HALF_LIFE = 21.0  # days
ALLOWED = 1e-9  # largest difference between two equal answers


def straightforward(
    signals: npt.NDArray[np.int64],
    words: Array,
    offsets: npt.NDArray[np.int64],
    model: tuple[Transitions, Array],
    silence_days: Array,
) -> Array:
    """Filter all deals together, moment by moment, as one would first write it in numpy."""
    learned, likely = model
    flow = open_matrix(learned.matrix)
    lengths = np.diff(offsets)
    position = np.tile(learned.start, (lengths.size, 1))
    for moment in range(int(lengths.max())):
        live = np.flatnonzero(lengths > moment)
        index = offsets[live] + moment
        here = position[live] @ flow if moment else position[live]
        here = here * (likely[:, signals[index]] ** words[index]).T
        position[live] = here / here.sum(axis=1, keepdims=True)
    moved = (1.0 - 2.0 ** (-silence_days / HALF_LIFE))[:, None]
    return (1.0 - moved) * position + moved * (position @ flow)


def timed(run: Callable[[], Array]) -> tuple[float, Array]:
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


def main() -> int:
    deals = int(sys.argv[1]) if len(sys.argv) > 1 else DEALS
    rng = np.random.default_rng(20260)
    offsets = np.concatenate([[0], np.cumsum(rng.poisson(MEAN_SIGNALS, deals))]).astype(np.int64)
    signals = rng.integers(0, ACTIVITIES, int(offsets[-1]))
    words = rng.choice(np.array([1.0, 0.8, 0.5]), signals.size)
    silence = rng.integers(0, 90, deals).astype(np.float64)
    paths = [rng.integers(0, STAGES, 12).tolist() for _ in range(60)]
    learned = fit(paths, ["won", "lost", "no_decision"] * 20, STAGES)
    home = np.sort(rng.integers(0, STAGES, ACTIVITIES))
    likely = emissions(home, rng.integers(1, 40, ACTIVITIES), STAGES)
    ours, baseline = [], []
    for _ in range(RUNS):
        seconds, expected = timed(lambda: straightforward(signals, words, offsets, (learned, likely), silence))
        baseline.append(seconds)
        seconds, found = timed(
            lambda: locate_many(signals, words, offsets, learned.matrix, likely, learned.start, silence_days=silence)
        )
        ours.append(seconds)
        difference = float(np.abs(found - expected).max())
    ratio = statistics.median(baseline) / statistics.median(ours)
    print(f"{deals:,} deals, {signals.size:,} signals, {STAGES} stages, {ACTIVITIES} activities")
    print(f"straightforward  {statistics.median(baseline):7.3f} s")
    print(f"locate_many      {statistics.median(ours):7.3f} s")
    print(f"ratio            {ratio:7.2f}   largest difference {difference:.1e}")
    return 0 if difference < ALLOWED and ratio >= 1.0 else 1


if __name__ == "__main__":
    sys.exit(main())
