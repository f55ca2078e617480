from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.derivation import derive, fit_stages, homes
from journey.order import cyclic_pairs, potentials, precedence, ranking
from journey.settling import heard, scale, settle
from journey.signals import emissions
from journey.stages import closeness, segment, similarity
from journey.transitions import counts, fit

N = 6
told = st.lists(st.lists(st.integers(0, N - 1), max_size=8), max_size=6)


def counted(sequences, weights):
    """Count the moves from activity to activity, and the moments of each, one by one."""
    moves, moments = np.zeros((N, N)), np.zeros(N)
    for sequence, weight in zip(sequences, weights, strict=True):
        for a in sequence:
            moments[a] += weight
        for a, b in pairwise(sequence):
            moves[a, b] += weight
    return moves, moments


def home_of(ranked, home, stage):
    return [place for place, a in enumerate(ranked) if home[a] == stage]


@settings(deadline=None)
@given(told, st.integers(0, 99), st.none() | st.integers(1, N))
def test_derive_equals_its_steps(sequences, seed, count):
    rng = np.random.default_rng(seed)
    jobs, meaning = rng.integers(0, 3, N), rng.uniform(-1, 1, (N, N))
    meaning = (meaning + meaning.T) / 2
    outcomes = rng.choice(["won", "lost", "no_decision"], len(sequences)).tolist()
    weights = rng.integers(0, 3, len(sequences)).astype(float)

    found = derive(sequences, jobs, meaning, outcomes, weights=weights, count=count, alpha=3, noise=0.2)

    first, follows = precedence(sequences, N, weights)
    line = potentials(first)
    ranked = ranking(line.values).tolist()
    near = similarity(jobs, meaning, closeness(follows))
    begin = homes(ranked, segment(near[np.ix_(ranked, ranked)], count))
    told_of = heard(*counted(sequences, weights * scale(weights.sum())), jobs, meaning)
    home = settle(told_of, begin, ranked, fixed=count is not None, alpha=3).tolist()
    ranked = sorted(ranked, key=lambda a: home[a])
    segments = [(home_of(ranked, home, k)[0], home_of(ranked, home, k)[-1] + 1) for k in range(max(home) + 1)]
    paths = [[home[a] for a in sequence] for sequence in sequences]
    tellers = [sum(w for s, w in zip(sequences, weights, strict=True) if a in s) for a in range(N)]
    assert found.order.tolist() == ranked
    assert found.segments == tuple(segments)
    assert found.home.tolist() == home
    assert found.n_stages == len(segments)
    assert [found.activities(k) for k in range(found.n_stages)] == [tuple(ranked[i:j]) for i, j in segments]
    assert found.cyclic_pairs == cyclic_pairs(first, line)
    assert found.fit.told == pytest.approx(tellers)
    learned = fit(paths, outcomes, len(segments), alpha=3, weights=weights)
    assert found.fit.transitions.matrix == pytest.approx(learned.matrix)
    assert found.fit.transitions.start == pytest.approx(learned.start)
    assert found.fit.counts == pytest.approx(counts(paths, outcomes, len(segments), weights=weights))
    assert found.fit.emissions == pytest.approx(emissions(home, tellers, len(segments), noise=0.2))


def test_derive_without_interviews_stands_by_name_and_question():
    found = derive([], [0, 0, 1, 1], np.zeros((4, 4)), [])

    assert found.order.tolist() == [0, 1, 2, 3]
    assert found.segments == ((0, 2), (2, 4))
    assert found.potentials.cyclic_share == found.contradiction == 0
    assert found.cyclic_pairs == ()


def test_derive_of_one_activity_is_one_stage():
    found = derive([[0, 0]], [0], [[1.0]], ["won"])

    assert (found.segments, found.home.tolist()) == (((0, 1),), [0])
    assert found.fit.emissions.tolist() == [[1.0]]


def test_derive_of_separate_worlds_reports_them():
    found = derive([[0, 1], [2, 3]], [0, 0, 1, 1], np.zeros((4, 4)), ["won", "lost"])

    assert found.potentials.components.tolist() == [0, 0, 1, 1]


def test_derive_refuses_no_activity():
    with pytest.raises(ValueError, match="n_activities must be at least 1"):
        derive([], [], np.zeros((0, 0)), [])


def test_fit_stages_takes_stages_without_activities():
    found = fit_stages([[0, 1]], ["won"], [0, 2], 3)

    assert found.transitions.matrix.shape == (3, 6)
    assert found.emissions.sum(axis=1) == pytest.approx([1, 0.15, 1])


def test_fit_stages_refuses_a_stage_out_of_range():
    with pytest.raises(ValueError, match="home must lie between 0 and 1"):
        fit_stages([[0]], [None], [2], 2)


@pytest.mark.parametrize(
    ("ranked", "segments"),
    [
        ([0, 0], [(0, 2)]),
        ([0, 1], [(0, 1)]),
        ([0, 1], [(0, 1), (0, 1)]),
        ([0, 1], [(0, 0), (0, 2)]),
        ([0, 1], []),
        ([], []),
    ],
)
def test_homes_refuse_gaps(ranked, segments):
    with pytest.raises(ValueError, match="segments must cover every activity"):
        homes(ranked, segments)
