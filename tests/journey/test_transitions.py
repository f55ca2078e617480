import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.transitions import counts, fit, open_matrix, prior, smooth

OUTCOMES = ["won", "lost", "no_decision"]


@st.composite
def stories(draw):
    k = draw(st.integers(1, 5))
    paths = draw(st.lists(st.lists(st.integers(0, k - 1), max_size=8), max_size=6))
    outcomes = draw(st.lists(st.sampled_from([*OUTCOMES, None]), min_size=len(paths), max_size=len(paths)))
    weights = draw(st.lists(st.sampled_from([0, 0.5, 1, 2]), min_size=len(paths), max_size=len(paths)))
    return k, paths, outcomes, weights


def slow_prior(k, s):
    row = dict.fromkeys([*range(k), *OUTCOMES], 0.0)
    row[s] += 0.30
    row[s + 1 if s + 1 < k else "won"] += 0.40
    row[s - 1 if s > 0 else s] += 0.10
    others = [t for t in range(k) if t not in {s - 1, s, s + 1}]
    for t in others or [s]:
        row[t] += 0.05 / max(len(others), 1)
    row["lost"] += 0.05
    row["no_decision"] += 0.10
    return row


@settings(deadline=None)
@given(stories(), st.sampled_from([0.5, 2.0, 10.0]))
def test_fit_equals_slow_count(story, alpha):
    k, paths, outcomes, weights = story
    rows = [dict.fromkeys([*range(k), *OUTCOMES], 0.0) for _ in range(k)]
    start = [1.0] + [0.0] * (k - 1)
    for path, outcome, weight in zip(paths, outcomes, weights, strict=True):
        for s, t in itertools.pairwise(path):
            rows[s][t] += weight
        if path:
            start[path[0]] += weight
            if outcome:
                rows[path[-1]][outcome] += weight

    learned = fit(paths, outcomes, k, alpha=alpha, weights=weights)

    for s in range(k):
        before, total = slow_prior(k, s), sum(rows[s].values())
        assert learned.matrix[s] == pytest.approx([(rows[s][t] + alpha * before[t]) / (total + alpha) for t in rows[s]])
    assert learned.start == pytest.approx(np.array(start) / sum(start))
    assert learned.matrix.sum(axis=1) == pytest.approx(1)


def test_fit_without_interviews_is_the_prior():
    learned = fit([], [], 3)

    assert learned.matrix == pytest.approx(prior(3))
    assert learned.start.tolist() == [1, 0, 0]


def test_fit_of_one_stage_counts_staying():
    learned = fit([[0, 0, 0]], ["won"], 1)

    assert learned.matrix == pytest.approx(np.array([[2 + 0.9, 1 + 0.8, 0.1, 0.2]]) / 5)


def test_fit_of_empty_path_ignores_its_outcome():
    assert fit([[]], ["lost"], 2).matrix == pytest.approx(prior(2))


@pytest.mark.parametrize("k", range(1, 7))
def test_prior_rows_sum_to_one(k):
    assert prior(k).sum(axis=1) == pytest.approx(1)
    assert prior(k).shape == (k, k + 3)


def test_prior_of_four_stages():
    assert prior(4).round(4).tolist() == [
        [0.4, 0.4, 0.025, 0.025, 0, 0.05, 0.1],
        [0.1, 0.3, 0.4, 0.05, 0, 0.05, 0.1],
        [0.05, 0.1, 0.3, 0.4, 0, 0.05, 0.1],
        [0.025, 0.025, 0.1, 0.3, 0.4, 0.05, 0.1],
    ]


@pytest.mark.parametrize(
    ("paths", "outcomes", "k", "options", "sentence"),
    [
        ([[0, 2]], ["won"], 2, {}, "paths must lie between 0 and 1"),
        ([[0]], ["maybe"], 2, {}, "An outcome must be one of won, lost, no_decision or None, not 'maybe'"),
        ([[0]], [], 2, {}, "one outcome for each path: 1, not 0"),
        ([[0]], ["won"], 0, {}, "n_stages must be at least 1"),
        ([[0]], ["won"], 2, {"alpha": 0}, "alpha must be above 0"),
        ([[0]], ["won"], 2, {"alpha": float("nan")}, "alpha must be above 0"),
        ([[0]], ["won"], 2, {"weights": [-1]}, "weights must lie between 0"),
        ([[0]], ["won"], 2, {"weights": [1, 2]}, "weights must have the shape 1"),
    ],
)
def test_fit_refuses(paths, outcomes, k, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit(paths, outcomes, k, **options)


def test_counts_show_moves_without_prior():
    assert counts([[0, 1, 0]], ["lost"], 2, weights=[2]).tolist() == [[0, 2, 0, 2, 0], [2, 0, 0, 0, 0]]


def test_smooth_takes_several_tables():
    told = np.arange(20, dtype=float).reshape(2, 2, 5)

    assert smooth(told)[1] == pytest.approx(smooth(told[1]))


@pytest.mark.parametrize("told", [np.zeros((2, 2)), np.zeros(4), np.full((1, 4), -1.0), np.full((1, 4), np.nan)])
def test_smooth_refuses(told):
    with pytest.raises(ValueError, match="told must"):
        smooth(told)


def test_open_matrix_of_stage_that_only_ends_stays():
    assert open_matrix([[0, 0, 1, 0, 0], [0.5, 0, 0.5, 0, 0]]).tolist() == [[1, 0], [1, 0]]


def test_open_matrix_takes_the_stage_part_alone():
    learned = fit([[0, 1, 0]], ["won"], 2).matrix

    assert open_matrix(learned[:, :2]) == pytest.approx(open_matrix(learned))


@pytest.mark.parametrize(
    ("matrix", "sentence"),
    [
        ([[0.5, 0.6], [0, 1]], "No row of matrix may sum to more than 1"),
        ([[0.5, 0.4, 0.2, 0.1]], "Every row of matrix must sum to 1"),
        ([[0.5, 0.5, 0.0]], r"K rows and K \+ 3 columns"),
        (np.zeros((0, 3)), r"K rows and K \+ 3 columns"),
        (np.zeros((0, 0)), "at least one row"),
        ([[1.5, -0.5, 0, 0]], "between 0 and inf"),
        ([[float("nan"), 0, 0, 0]], "NaN"),
        ([0.5, 0.5], "shape"),
    ],
)
def test_open_matrix_refuses(matrix, sentence):
    with pytest.raises(ValueError, match=sentence):
        open_matrix(matrix)
