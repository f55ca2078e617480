"""What closed purchases tell beside the interviews. The room above that knows of them registers itself here."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from journey.checks import OUTCOMES
from journey.steps import Steps


@dataclass(frozen=True, slots=True)
class ClosedPath:
    """What was seen of one purchase that ended: codes of the customer's activities in order of time, and its end."""

    codes: tuple[int, ...]
    outcome: str


Provider = Callable[[int | None], Iterable[ClosedPath]]
CountProvider = Callable[[int | None, int], int]
_provider: Provider | None = None
_counter: CountProvider | None = None
FEWEST_SEEN = 2  # a single activity is no path


def register(provider: Provider, counter: CountProvider) -> None:
    """Name the functions that give the closed purchases of a segment, or all (None), and that count those of two steps
    or more, up to a bound; called once, by the room above.
    """
    global _provider, _counter
    _provider, _counter = provider, counter


def closed_counted(segment_id: int | None, at_most: int) -> int:
    """Count the closed purchases of two steps or more, no further than asked."""
    return 0 if _counter is None else _counter(segment_id, at_most)


def closed_paths(segment_id: int | None, codes: Collection[int] | None = None) -> list[ClosedPath]:
    """Give the paths of closed purchases over the activities `codes` (all where None), those of two steps or more."""
    if _provider is None:
        return []
    wanted = None if codes is None else set(codes)
    found = (
        ClosedPath(tuple(code for code in path.codes if wanted is None or code in wanted), path.outcome)
        for path in _provider(segment_id)
    )
    return [path for path in found if len(path.codes) >= FEWEST_SEEN]


def tallied(paths: Sequence[ClosedPath]) -> dict[str, Any]:
    """Sum paths up as plain JSON: who follows whom, where purchases begin, and after what they end."""
    follows = Counter(pair for path in paths for pair in pairwise(path.codes))
    ends = Counter((path.codes[-1], path.outcome) for path in paths)
    starts = Counter(path.codes[0] for path in paths)
    return {
        "deals": len(paths),
        "follows": [[*pair, count] for pair, count in sorted(follows.items())],
        "ends": [[*end, count] for end, count in sorted(ends.items())],
        "starts": [[code, count] for code, count in sorted(starts.items())],
    }


def steps_of(tally: Mapping[str, Any], codes: Sequence[int | None], weight: float) -> Steps:
    """Give what `tallied` kept as arrays over activities, known by their `codes`; each purchase is worth `weight`."""
    number = {code: place for place, code in enumerate(codes) if code is not None}
    n = len(codes)
    follows, ends, starts = np.zeros((n, n)), np.zeros((n, len(OUTCOMES))), np.zeros(n)
    for before, after, count in tally.get("follows", []):
        if before in number and after in number:
            follows[number[before], number[after]] += weight * count
    for code, outcome, count in tally.get("ends", []):
        if code in number:
            ends[number[code], OUTCOMES.index(outcome)] += weight * count
    for code, count in tally.get("starts", []):
        if code in number:
            starts[number[code]] += weight * count
    return Steps(follows, ends, starts)
