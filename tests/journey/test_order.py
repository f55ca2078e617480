import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.order import contradiction, cyclic_pairs, potentials, precedence, ranking

N = 6
told = st.lists(st.lists(st.integers(0, N - 1), max_size=9), max_size=7)
counts = st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.5]), min_size=N * N, max_size=N * N).map(
    lambda cells: np.array(cells).reshape(N, N) * (1 - np.eye(N))
)


def slow_precedence(sequences, n, weights):
    first, follows = [[0.0] * n for _ in range(n)], [[0.0] * n for _ in range(n)]
    for sequence, weight in zip(sequences, weights, strict=True):
        for a in range(n):
            for b in range(n):
                if a != b and a in sequence and b in sequence and sequence.index(a) < sequence.index(b):
                    first[a][b] += weight
        for a, b in itertools.pairwise(sequence):
            if a != b:
                follows[a][b] += weight
    return first, follows


def slow_potentials(first):
    """Least squares over the pairs themselves: numpy's minimum-norm solution of the weighted incidence system."""
    rows, wanted = [], []
    for a in range(N):
        for b in range(a + 1, N):
            together = first[a, b] + first[b, a]
            if together:
                row = np.zeros(N)
                row[a], row[b] = np.sqrt(together), -np.sqrt(together)
                rows.append(row)
                wanted.append(np.sqrt(together) * (first[b, a] - first[a, b]) / together)
    if not rows:
        return np.zeros(N), 0.0
    system, wanted = np.array(rows), np.array(wanted)
    values = np.linalg.lstsq(system, wanted, rcond=None)[0]
    total = (wanted**2).sum()
    return values, ((system @ values - wanted) ** 2).sum() / total if total else 0.0


@settings(deadline=None)
@given(told, st.data())
def test_precedence_equals_slow_count(sequences, data):
    weights = data.draw(st.lists(st.sampled_from([0, 0.5, 1, 2]), min_size=len(sequences), max_size=len(sequences)))

    first, follows = precedence(sequences, N, weights)

    slow_first, slow_follows = slow_precedence(sequences, N, weights)
    assert first.tolist() == slow_first
    assert follows.tolist() == slow_follows


@settings(deadline=None)
@given(counts)
def test_potentials_equal_least_squares(first):
    line = potentials(first)

    values, share = slow_potentials(first)
    assert line.values == pytest.approx(values, abs=1e-9)
    assert line.cyclic_share == pytest.approx(share, abs=1e-9)


@settings(deadline=None)
@given(counts)
def test_potentials_of_each_component_have_mean_zero(first):
    line = potentials(first)

    for component in set(line.components.tolist()):
        assert line.values[line.components == component].mean() == pytest.approx(0, abs=1e-9)


def test_precedence_counts_first_tellings_only_while_follows_counts_returns():
    first, follows = precedence([[0, 1, 0, 1]], 2, [2.0])

    assert first.tolist() == [[0, 2], [0, 0]]
    assert follows.tolist() == [[0, 4], [2, 0]]


def test_precedence_without_interviews_is_zero():
    first, follows = precedence([], 3)

    assert not first.any()
    assert not follows.any()


def test_precedence_without_weights_counts_each_interview_once():
    assert precedence([[0, 1], [0, 1], []], 2)[0].tolist() == [[0, 2], [0, 0]]


def test_precedence_takes_arrays():
    assert precedence([np.array([1, 0])], 2)[0].tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("sequences", "n", "weights", "sentence"),
    [
        ([[0, 3]], 3, None, "sequences must lie between 0 and 2"),
        ([[-1]], 3, None, "sequences must lie between 0 and 2"),
        ([[0.5]], 3, None, "sequences must be whole numbers"),
        ([[float("nan")]], 3, None, "sequences must be whole numbers"),
        ([[True]], 3, None, "sequences must be whole numbers"),
        ([[[0]]], 3, None, "sequences must be a row of whole numbers"),
        ([[0]], 0, None, "n_activities must be at least 1"),
        ([[0]], 1.5, None, "n_activities must be a whole number"),
        ([[0]], 3, [-1], "weights must lie between 0 and inf"),
        ([[0]], 3, [float("nan")], "weights must not hold NaN"),
        ([[0]], 3, [float("inf")], "weights must be finite"),
        ([[0]], 3, [1, 1], "weights must have the shape 1"),
    ],
)
def test_precedence_refuses(sequences, n, weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        precedence(sequences, n, weights)


def test_potentials_of_one_activity_are_zero():
    line = potentials([[0.0]])

    assert (line.values.tolist(), line.cyclic_share, line.components.tolist()) == ([0.0], 0.0, [0])


def test_potentials_of_activities_never_told_together_are_components():
    line = potentials(precedence([[0, 2], [3, 1], [4]], 5)[0])

    assert line.components.tolist() == [0, 1, 0, 1, 2]
    assert line.values.round(9).tolist() == [-0.5, 0.5, 0.5, -0.5, 0]


def test_potentials_of_pure_circle_leave_everything():
    line = potentials(precedence([[0, 1], [1, 2], [2, 0]], 3)[0])

    assert line.cyclic_share == pytest.approx(1)
    assert line.values == pytest.approx(0)


def test_potentials_of_two_opposed_accounts_have_no_direction():
    line = potentials([[0, 1], [1, 0]])

    assert (line.values.tolist(), line.cyclic_share) == ([0, 0], 0)


@pytest.mark.parametrize("n", [2, 3, 6, 12])
def test_potentials_of_perfect_line_leave_a_known_rest(n):
    line = potentials(precedence([list(range(n))] * 4, n)[0])

    assert line.cyclic_share == pytest.approx((n - 2) / (3 * n))
    assert contradiction(precedence([list(range(n))] * 4, n)[0], range(n)) == 0


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (np.zeros((0, 0)), "at least one row"),
        (np.zeros((2, 3)), "square"),
        (np.zeros(4), "shape any x any"),
        ([[0, float("nan")], [0, 0]], "NaN"),
        ([[0, -1], [0, 0]], "between 0 and inf"),
        ([[1, 0], [0, 0]], "diagonal"),
    ],
)
def test_potentials_refuse(first, sentence):
    with pytest.raises(ValueError, match=sentence):
        potentials(first)


def test_ranking_of_ties_keeps_numbers():
    assert ranking([0.3, 0.1 + 0.2, -1, 0.3 - 1e-13]).tolist() == [2, 0, 1, 3]


def test_ranking_refuses_nothing():
    with pytest.raises(ValueError, match="at least one potential"):
        ranking([])


@settings(deadline=None)
@given(counts)
def test_cyclic_pairs_sum_to_residual(first):
    line = potentials(first)
    pairs = cyclic_pairs(first, line, count=N * N)

    total = sum(
        (first[b, a] - first[a, b]) ** 2 / (first[a, b] + first[b, a])
        for a in range(N)
        for b in range(a)
        if first[a, b] + first[b, a]
    )
    assert sum(pair.residual for pair in pairs) == pytest.approx(line.cyclic_share * total, abs=1e-6)
    residuals = [pair.residual for pair in pairs]
    assert residuals == pytest.approx(sorted(residuals, reverse=True))
    place = ranking(line.values).tolist()
    assert all(place.index(pair.earlier) < place.index(pair.later) for pair in pairs)
    assert all(pair.forward == first[pair.earlier, pair.later] for pair in pairs)
    assert all(pair.backward == first[pair.later, pair.earlier] for pair in pairs)


def test_cyclic_pairs_of_line_of_two_are_none():
    first, _ = precedence([[0, 1], [0, 1]], 2)

    assert cyclic_pairs(first, potentials(first)) == ()


def test_cyclic_pairs_contradicted_name_only_what_was_told_both_ways():
    first, _ = precedence([[0, 1, 2, 3]] * 4 + [[0, 2, 1, 3]], 4)

    pairs = cyclic_pairs(first, potentials(first), contradicted=True)

    assert [(pair.earlier, pair.later, pair.forward, pair.backward) for pair in pairs] == [(1, 2, 4, 1)]


def test_cyclic_pairs_refuse_potentials_of_others():
    with pytest.raises(ValueError, match="potentials must have the shape 2"):
        cyclic_pairs(np.zeros((2, 2)), potentials([[0.0]]))


@settings(deadline=None)
@given(counts, st.permutations(range(N)))
def test_contradiction_equals_slow_count(first, ranked):
    against = sum(first[ranked[j], ranked[i]] for i in range(N) for j in range(i + 1, N))

    assert contradiction(first, ranked) == pytest.approx(against / first.sum() if first.any() else 0)


def test_contradiction_refuses_an_order_with_a_gap():
    with pytest.raises(ValueError, match="every activity once"):
        contradiction(np.zeros((2, 2)), [0, 0])
