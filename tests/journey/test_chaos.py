import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.chaos import entropy, returns, returns_many
from journey.transitions import fit, open_matrix

MATRIX = fit([[0, 1, 0, 1, 2], [0, 2, 1]], ["won", "lost"], 3).matrix
paths = st.lists(st.lists(st.integers(0, 2), max_size=8), max_size=6)


@settings(deadline=None)
@given(paths)
def test_returns_equal_slow_count(stories):
    flow = open_matrix(MATRIX)
    positions = np.tile([0.2, 0.3, 0.5], (len(stories), 1))

    many = returns_many([s for story in stories for s in story], np.cumsum([0, *map(len, stories)]), MATRIX, positions)

    for i, story in enumerate(stories):
        moves = list(itertools.pairwise(story))
        expected = sum(flow[s, t] for s, _ in moves for t in range(s))
        observed = sum(t < s for s, t in moves)
        one = returns(story, MATRIX, positions[i])
        assert (one.moves, one.observed) == (len(moves), observed)
        assert one.expected == pytest.approx(expected)
        assert one.ratio == (pytest.approx(observed / expected) if expected else None)
        assert (many.moves[i], many.observed[i]) == (len(moves), observed)
        assert many.expected[i] == pytest.approx(expected)
        assert many.ratio[i] == pytest.approx(observed / expected if expected else math.nan, nan_ok=True)
        assert many.entropy[i] == pytest.approx(one.entropy)


def test_returns_without_moves_have_no_ratio():
    assert returns([2], MATRIX, [0, 0, 1]).ratio is None
    assert returns([], MATRIX, [0, 0, 1]).moves == 0


def test_returns_of_one_stage_have_no_ratio():
    deal = returns([0, 0], [[0.45, 0.4, 0.05, 0.1]], [1.0])

    assert (deal.moves, deal.observed, deal.expected, deal.ratio, deal.entropy) == (1, 0, 0, None, 0)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(sum))
def test_entropy_equals_slow_formula(shares):
    position = [share / sum(shares) for share in shares]

    assert entropy(position) == pytest.approx(-sum(p * math.log(p) for p in position if p) / math.log(len(position)))


@pytest.mark.parametrize(("position", "unsure"), [([1.0], 0), ([0, 1, 0], 0), ([0.25] * 4, 1)])
def test_entropy_of_extremes(position, unsure):
    assert entropy(position) == unsure


@pytest.mark.parametrize("position", [1.0, [0.5, 0.6], [np.nan, 1], [2, -1], []])
def test_entropy_refuses(position):
    with pytest.raises(ValueError, match="position must"):
        entropy(position)


@pytest.mark.parametrize(
    ("stages", "offsets", "positions", "sentence"),
    [
        ([3], [0, 1], [[1, 0, 0]], "stages must lie between 0 and 2"),
        ([0.5], [0, 1], [[1, 0, 0]], "stages must be whole numbers"),
        ([0], [0, 2], [[1, 0, 0]], "offsets must"),
        ([0], [0, 1], [[1, 0]], "positions must have the shape 1 x 3"),
        ([0], [0, 1], [[1, 0, 1]], "position must sum to 1"),
    ],
)
def test_returns_many_refuses(stages, offsets, positions, sentence):
    with pytest.raises(ValueError, match=sentence):
        returns_many(stages, offsets, MATRIX, positions)
