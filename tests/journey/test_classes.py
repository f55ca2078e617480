import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.classes import learn


@st.composite
def examples(draw):
    k, d = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    classes = [*range(k), *draw(st.lists(st.integers(0, k - 1), max_size=5))]
    number = st.floats(-2, 2, allow_nan=False, width=32)
    vectors = [draw(st.lists(number, min_size=d, max_size=d)) for _ in classes]
    return vectors, classes, k, draw(st.sampled_from([0.1, 1.0, 5.0])), draw(st.sampled_from([0.5, 2.0]))


def by_descent(vectors, classes, k, penalty, sharpness):
    """Find each example's pull by going through them in turn (Gauss-Seidel) until nothing moves; score the examples."""

    def alike(one, other):
        return math.exp(-sharpness * sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))

    n = len(vectors)
    found = []
    for place in range(k):
        share = classes.count(place) / n
        wanted = [float(one == place) - share for one in classes]
        pulls = [0.0] * n
        for _ in range(3_000):
            for i in range(n):
                rest = sum(alike(vectors[i], vectors[j]) * pulls[j] for j in range(n) if j != i)
                pulls[i] = (wanted[i] - rest) / (1.0 + penalty)
        scored = [share + sum(alike(one, vectors[j]) * pulls[j] for j in range(n)) for one in vectors]
        found.append(scored)
    return np.array(found).T


@settings(deadline=None, max_examples=15)
@given(examples())
def test_scores_equal_a_slow_descent(case):
    vectors, classes, k, penalty, sharpness = case
    found = learn(vectors, classes, k, penalty=penalty, sharpness=sharpness).scores(vectors)
    assert found == pytest.approx(by_descent(vectors, classes, k, penalty, sharpness), abs=1e-4)
    assert found.sum(axis=1) == pytest.approx(np.ones(len(vectors)))


@pytest.mark.parametrize(
    ("vectors", "classes", "k", "options", "words"),
    [
        ([[1.0]], [0, 1], 2, {}, "one class for each row"),
        ([1.0], [0], 1, {}, "vectors must have the shape"),
        ([[np.nan]], [0], 1, {}, "vectors"),
        ([[1.0]], [0], 1, {"penalty": 0.0}, "penalty"),
        ([[1.0]], [0], 1, {"sharpness": -1.0}, "sharpness"),
        ([[1.0]], [0], 2, {}, "at least one example"),
        ([[1.0]], [1], 1, {}, "at least one example"),
        (np.zeros((0, 2)), [], 0, {}, "at least one example"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(vectors, classes, k, options, words):
    with pytest.raises(ValueError, match=words):
        learn(vectors, classes, k, **options)


def test_scores_of_vectors_of_another_length_are_refused():
    with pytest.raises(ValueError, match="vectors must have the shape"):
        learn([[1.0]], [0], 1).scores([[1.0, 2.0]])
