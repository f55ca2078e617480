import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.stages import closeness, segment, similarity


@st.composite
def similarities(draw, most=7):
    n = draw(st.integers(1, most))
    cells = draw(st.lists(st.sampled_from([0, 0.1, 0.25, 0.5, 0.8, 1]), min_size=n * n, max_size=n * n))
    upper = np.triu(np.array(cells, dtype=float).reshape(n, n), 1)
    return upper + upper.T


def worth(near, segments):
    pairs = [near[a, b] for a in range(len(near)) for b in range(a + 1, len(near))]
    threshold = np.mean(pairs) + np.std(pairs) / 4 if pairs else 0
    return sum(
        near[a, b] - threshold for start, stop in segments for a in range(start, stop) for b in range(a + 1, stop)
    )


def every_segmentation(n, count):
    for cuts in itertools.combinations(range(1, n), count - 1):
        edges = [0, *cuts, n]
        yield list(itertools.pairwise(edges))


@settings(deadline=None)
@given(similarities())
def test_segment_equals_brute_force(near):
    n = len(near)
    best_of = {k: max(worth(near, cut) for cut in every_segmentation(n, k)) for k in range(1, n + 1)}
    best = max(best_of.values())

    found = segment(near)

    assert worth(near, found) == pytest.approx(best, abs=1e-8)
    assert len(found) == min(k for k, value in best_of.items() if value >= best - 1e-9)


@settings(deadline=None)
@given(similarities(), st.data())
def test_segment_with_count_equals_brute_force(near, data):
    count = data.draw(st.integers(1, len(near)))

    found = segment(near, count)

    assert len(found) == count
    assert worth(near, found) == pytest.approx(max(worth(near, cut) for cut in every_segmentation(len(near), count)))


@settings(deadline=None)
@given(similarities())
def test_segment_covers_everything_without_gaps(near):
    found = segment(near)

    assert (found[0][0], found[-1][1]) == (0, len(near))
    assert all(left[1] == right[0] for left, right in itertools.pairwise(found))
    assert all(start < stop for start, stop in found)


def test_segment_of_one_activity_is_one_stage():
    assert segment([[0.0]]) == [(0, 1)]


@pytest.mark.parametrize("value", [0, 0.1, 1 / 3, 1])
def test_segment_without_variance_is_one_stage(value):
    assert segment(np.full((7, 7), value)) == [(0, 7)]


def test_segment_ignores_the_diagonal():
    near = np.array([[0, 0.9, 0.1], [0.9, 0, 0.1], [0.1, 0.1, 0]])

    assert segment(near + np.eye(3) * 5) == segment(near) == [(0, 2), (2, 3)]


def test_segment_of_equal_cuts_is_the_same_each_time():
    assert segment(np.zeros((4, 4)), 2) == [(0, 1), (1, 4)]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7])
def test_segment_of_cuts_equal_but_for_rounding_takes_the_earliest(value):
    assert segment(np.full((7, 7), value), 3) == [(0, 1), (1, 2), (2, 7)]


@pytest.mark.parametrize(
    ("near", "count", "sentence"),
    [
        (np.zeros((0, 0)), None, "at least one row"),
        (np.zeros((2, 3)), None, "square"),
        ([[0, float("nan")], [0, 0]], None, "NaN"),
        ([[0, 1], [0, 0]], None, "symmetric"),
        (np.zeros((2, 2)), 3, "count must be at least 1 and at most 2"),
        (np.zeros((2, 2)), 0, "count must be at least 1 and at most 2"),
    ],
)
def test_segment_refuses(near, count, sentence):
    with pytest.raises(ValueError, match=sentence):
        segment(near, count)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.5]), min_size=25, max_size=25))
def test_closeness_equals_slow_formula(cells):
    follows = np.array(cells).reshape(5, 5)
    slow = np.zeros((5, 5))
    beside = [[follows[a, b] + follows[b, a] if a != b else 0 for b in range(5)] for a in range(5)]
    for a in range(5):
        for b in range(5):
            if beside[a][b]:
                slow[a, b] = beside[a][b] / (sum(beside[a]) * sum(beside[b])) ** 0.5

    found = closeness(follows)

    assert found == pytest.approx(slow)
    assert found.max() <= 1
    assert not np.diagonal(found).any()


def test_closeness_leaves_its_argument_alone():
    follows = np.ones((2, 2))
    closeness(follows)

    assert follows.tolist() == [[1, 1], [1, 1]]


def test_closeness_refuses_negative_counts():
    with pytest.raises(ValueError, match="follows must lie between 0 and inf"):
        closeness([[0, -1], [0, 0]])


def test_similarity_is_the_mean_of_three():
    near = similarity([0, 0], [[1, 0.5], [0.5, 1]], [[0, 0.25], [0.25, 0]])

    assert near[0, 1] == pytest.approx((1 + 0.5 + 0.25) / 3)


def test_similarity_counts_opposite_meaning_as_none():
    assert similarity([0, 1], [[1, -0.9], [-0.9, 1]], np.zeros((2, 2)))[0, 1] == 0


def test_similarity_takes_activities_told_under_several_questions():
    jobs = [[1, 1, 0], [0, 1, 1], [0, 0, 0]]

    assert similarity(jobs, np.zeros((3, 3)), np.zeros((3, 3))).round(4).tolist() == [
        [0.3333, 0.3333, 0],
        [0.3333, 0.3333, 0],
        [0, 0, 0],
    ]


def test_similarity_of_activities_without_question_is_none():
    assert not similarity([-1, -1], np.zeros((2, 2)), np.zeros((2, 2))).any()


@pytest.mark.parametrize(
    ("jobs", "meaning", "sentence"),
    [
        ([0], np.zeros((2, 2)), "jobs must be a row of 2"),
        ([0.5, 1], np.zeros((2, 2)), "jobs must be whole numbers"),
        ([[2], [0]], np.zeros((2, 2)), "jobs must lie between 0 and 1"),
        ([[0.5], [0]], np.zeros((2, 2)), "jobs must be true or false"),
        ([0, 0], np.zeros((3, 3)), "meaning must have the shape 2 x 2"),
        ([0, 0], np.full((2, 2), 1.5), "meaning must lie between"),
        ([0, 0], np.full((2, 2), np.nan), "meaning must not hold NaN"),
    ],
)
def test_similarity_refuses(jobs, meaning, sentence):
    with pytest.raises(ValueError, match=sentence):
        similarity(jobs, meaning, np.zeros((2, 2)))
