from math import lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.settling import among, heard, log_likelihood, scale, settle
from journey.transitions import prior


def drawn(seed, n, questions=3):
    rng = np.random.default_rng(seed)
    moves = rng.integers(0, 4, (n, n)).astype(float)
    cosine = rng.uniform(-0.2, 1, (n, n))
    jobs = rng.integers(-1, questions, n)
    return moves, moves.sum(axis=1) + rng.integers(0, 2, n), jobs, (cosine + cosine.T) / 2


def slow_log_likelihood(moves, moments, jobs, meaning, home, k, alpha):
    """Add up the four parts with loops and the standard library's gamma function."""
    n = len(moments)
    expected = prior(k)[:, :k]
    expected = alpha * expected / expected.sum(axis=1, keepdims=True)
    total = 0.0
    for s in range(k):
        members = [a for a in range(n) if home[a] == s]
        row = [sum(moves[a][b] for a in members for b in range(n) if home[b] == t) for t in range(k)]
        total += lgamma(alpha) - lgamma(sum(row) + alpha)
        total += sum(lgamma(told + share) - lgamma(share) for told, share in zip(row, expected[s], strict=True))
        total += lgamma(len(members)) - lgamma(sum(moments[a] for a in members) + len(members))
        asked = sorted({int(job) for job in jobs if job >= 0})
        total -= lgamma(sum(jobs[a] >= 0 for a in members) + 1.0)
        for job in asked:
            total += lgamma(sum(jobs[a] == job for a in members) + 1 / len(asked)) - lgamma(1 / len(asked))
    positive = [[max(0.0, float(meaning[a][b])) for b in range(n)] for a in range(n)]
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    mean = sum(positive[a][b] for a, b in pairs) / len(pairs) if pairs else 0.0
    return total + sum(2 * (positive[a][b] - mean) for a, b in pairs if home[a] == home[b])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 7), st.integers(1, 4), st.sampled_from([0.5, 2.0, 7.0]))
def test_log_likelihood_equals_its_parts_added_up(seed, n, k, alpha):
    made = drawn(seed, n)
    k = min(k, n)
    home = np.concatenate([np.arange(k), np.random.default_rng(seed).integers(0, k, n - k)])

    found = log_likelihood(heard(*made), home, k, alpha=alpha)

    assert found == pytest.approx(slow_log_likelihood(*made, home, k, alpha), abs=1e-7)


def neighbours(home, ranked, *, fixed):
    """Give every cut one step away, with what the step costs."""
    k, n = max(home) + 1, len(home)
    for a in range(n):
        for t in (home[a] - 1, home[a] + 1):
            if 0 <= t < k and home.count(home[a]) > 1:
                yield [t if b == a else home[b] for b in range(n)], 0.0
    if fixed:
        return
    for s in range(k - 1):
        yield [stage - (stage > s) for stage in home], 0.0
    for s in range(k):
        inside = [a for a in ranked if home[a] == s]
        for cut in range(1, len(inside)):
            yield [home[a] + (home[a] > s or a in inside[cut:]) for a in range(n)], np.log(100)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 7), st.booleans())
def test_no_single_step_from_where_it_settles_is_likelier(seed, n, fixed):
    told = heard(*drawn(seed, n))
    rng = np.random.default_rng(seed)
    ranked = rng.permutation(n).tolist()
    k = int(rng.integers(1, n + 1))
    begin = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])

    home = settle(told, begin, ranked, fixed=fixed).tolist()

    here = log_likelihood(told, home, max(home) + 1)
    assert sorted(set(home)) == list(range(max(home) + 1))
    assert here >= log_likelihood(told, begin, k) - 1e-6
    assert not fixed or max(home) + 1 == k
    for other, price in neighbours(home, ranked, fixed=fixed):
        assert log_likelihood(told, other, max(other) + 1) - price <= here + 1e-6


def test_an_activity_that_the_line_put_wrong_goes_home():
    moves = np.zeros((4, 4))
    moves[0, 1] = moves[1, 0] = moves[2, 3] = moves[3, 2] = 8
    moves[1, 2] = 2
    told = heard(moves, [8, 8, 8, 8], [0, 0, 1, 1], np.zeros((4, 4)))

    assert settle(told, [0, 1, 1, 1], range(4), fixed=True).tolist() == [0, 0, 1, 1]


def test_what_nobody_told_stays_as_it_was_cut():
    told = heard(np.zeros((4, 4)), np.zeros(4), [-1] * 4, np.zeros((4, 4)))

    assert settle(told, [0, 0, 1, 1], range(4), fixed=True).tolist() == [0, 0, 1, 1]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 5), min_size=1))
def test_among_some_is_as_if_there_were_no_others(seed, known):
    moves, moments, jobs, meaning = drawn(seed, 6)
    known = sorted(known)
    inside = np.ix_(known, known)

    found = among(heard(moves, moments, jobs, meaning), known)

    wanted = heard(moves[inside], moments[known], jobs[known], meaning[inside])
    assert found.moves.tolist() == wanted.moves.tolist()
    assert found.moments.tolist() == wanted.moments.tolist()
    assert found.questions.tolist() == wanted.questions.tolist()
    assert found.kinship == pytest.approx(wanted.kinship)


@pytest.mark.parametrize(
    ("home", "ranked"), [([0, 2], [0, 1]), ([0, 0], [0, 0]), ([0, -1], [0, 1]), ([0], [0, 1]), ([0, 0], [0, 2])]
)
def test_settle_refuses_what_is_no_cut(home, ranked):
    told = heard(np.zeros((2, 2)), [1, 1], [0, 0], np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"\w"):
        settle(told, home, ranked)


def test_testimony_refuses_counts_below_nothing():
    with pytest.raises(ValueError, match="moves must lie between 0"):
        heard([[-1.0]], [1], [0], [[0.0]])


@pytest.mark.parametrize(("interviews", "share"), [(0, 1), (0.5, 1), (6, 1), (12, 0.5), (600, 0.01)])
def test_more_than_six_interviews_weigh_as_six(interviews, share):
    assert scale(interviews) == pytest.approx(share)
