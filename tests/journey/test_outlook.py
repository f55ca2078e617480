import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.outlook import absorption, outlook
from journey.transitions import fit


@st.composite
def learned(draw):
    k = draw(st.integers(1, 6))
    paths = draw(st.lists(st.lists(st.integers(0, k - 1), max_size=8), max_size=6))
    outcomes = st.lists(st.sampled_from(["won", "lost", None]), min_size=len(paths), max_size=len(paths))
    return fit(paths, draw(outcomes), k).matrix


def walked(matrix, position):
    """Let the buyer walk until next to nothing is left on the way, adding up what ends at each step."""
    k = len(matrix)
    here, ended, moments = np.array(position, dtype=float), np.zeros(3), 0.0
    for _ in range(20_000):
        moments += here.sum()
        ended += here @ matrix[:, k:]
        here = here @ matrix[:, :k]
        if here.sum() < 1e-14:
            break
    return ended, moments


@settings(deadline=None)
@given(learned(), st.integers(0, 99))
def test_outlook_equals_walk(matrix, seed):
    position = np.random.default_rng(seed).dirichlet(np.ones(len(matrix)))

    ahead = outlook(position, matrix)

    ended, moments = walked(matrix, position)
    assert ahead.outcomes == pytest.approx(ended, abs=1e-9)
    assert ahead.outcomes.sum() == pytest.approx(1)
    assert ahead.moments_left == pytest.approx(moments, rel=1e-9)


@settings(deadline=None)
@given(learned(), st.integers(0, 5))
def test_outlook_of_many_equals_outlook_of_each(matrix, deals):
    positions = np.random.default_rng(deals).dirichlet(np.ones(len(matrix)), deals)

    many = outlook(positions, matrix)

    assert many.outcomes.shape == (deals, 3)
    for i, position in enumerate(positions):
        alone = outlook(position, matrix)
        assert many.outcomes[i] == pytest.approx(alone.outcomes)
        assert many.moments_left[i] == pytest.approx(alone.moments_left)


def test_absorption_of_stage_that_ends_at_once():
    ends = absorption([[0, 0, 0.2, 0.3, 0.5], [0.5, 0, 0.5, 0, 0]])

    assert ends.outcomes.tolist() == [[0.2, 0.3, 0.5], [0.6, 0.15, 0.25]]
    assert ends.moments.tolist() == [1, 1.5]


def test_absorption_of_rare_end_is_exact():
    assert absorption([[1 - 1e-10, 1e-10, 0, 0]]).moments[0] == pytest.approx(1e10, rel=1e-12)


def test_absorption_refuses_a_stage_without_end():
    with pytest.raises(ValueError, match="From stage 1 no outcome is ever reached"):
        absorption([[0, 0.5, 0.5, 0, 0], [0, 1, 0, 0, 0]])


@pytest.mark.parametrize(
    ("position", "matrix", "sentence"),
    [
        ([1.0], [[0.5, 0.5]], "columns"),
        ([0.5, 0.5], [[0.5, 0.3, 0.1, 0.1]], "position must have the shape 1"),
        ([0.5], [[0.5, 0.3, 0.1, 0.1]], "position must sum to 1"),
        ([[0.5], [1.0]], [[0.5, 0.3, 0.1, 0.1]], "position must sum to 1"),
        ([np.nan], [[0.5, 0.3, 0.1, 0.1]], "position must not hold NaN"),
        (1.0, [[0.5, 0.3, 0.1, 0.1]], "position must have the shape 1"),
        ([1.0], [[0.5, 0.3, 0.1, 0.2]], "sum to 1"),
        ([1.0], [[np.nan, 0.3, 0.1, 0.2]], "NaN"),
    ],
)
def test_outlook_refuses(position, matrix, sentence):
    with pytest.raises(ValueError, match=sentence):
        outlook(position, matrix)
