import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import position as module
from journey.position import locate, locate_many
from journey.signals import emissions
from journey.transitions import fit

MATRIX = [[0.3, 0.4, 0.1, 0.1, 0.1], [0.2, 0.4, 0.2, 0.1, 0.1]]
EMISSIONS = [[0.9, 0.1], [0.2, 0.8]]
START = [0.5, 0.5]


def model(seed, k, n, noise=0.15):
    rng = np.random.default_rng(seed)
    learned = fit([rng.integers(0, k, 6) for _ in range(5)], ["won", None, "lost", "no_decision", "won"], k)
    return learned.matrix, emissions(rng.integers(0, k, n), rng.integers(0, 9, n), k, noise=noise), learned.start


def slow_locate(signals, words, matrix, likely, start, silence, half_life):
    k = len(start)
    flow = [[row[t] / sum(row[:k]) for t in range(k)] for row in matrix]

    def onward(p):
        return [sum(p[s] * flow[s][t] for s in range(k)) for t in range(k)]

    p = list(start)
    for moment, (activity, word) in enumerate(zip(signals, words, strict=True)):
        if moment:
            p = onward(p)
        p = [p[s] * likely[s][activity] ** word for s in range(k)]
        p = [share / sum(p) for share in p]
    x = 1 - 2 ** (-silence / half_life)
    return [(1 - x) * stay + x * moved for stay, moved in zip(p, onward(p), strict=True)]


@st.composite
def deals(draw, most=12):
    n = draw(st.integers(1, 7))
    count = draw(st.integers(0, most))
    words = st.sampled_from([1.0, 0.8, 0.5, 0.0]) if draw(st.booleans()) else st.floats(0, 1)
    rows = [draw(st.lists(st.tuples(st.integers(0, n - 1), words), max_size=9)) for _ in range(count)]
    silences = draw(st.lists(st.sampled_from([0.0, 1.5, 21.0, 400.0, math.inf]), min_size=count, max_size=count))
    return draw(st.integers(0, 99)), draw(st.integers(1, 5)), n, rows, silences


def end_to_end(rows):
    signals = [activity for row in rows for activity, _ in row]
    words = [word for row in rows for _, word in row]
    return signals, words, np.cumsum([0, *map(len, rows)])


@settings(deadline=None)
@given(deals(most=1), st.sampled_from([7.0, 21.0]))
def test_locate_equals_slow_filter(case, half_life):
    seed, k, n, rows, silences = case
    matrix, likely, start = model(seed, k, n)
    for row, silence in zip(rows, silences, strict=True):
        signals, words, _ = end_to_end([row])

        found = locate(signals, words, matrix, likely, start, silence_days=silence, half_life_days=half_life)

        assert found == pytest.approx(
            slow_locate(signals, words, matrix.tolist(), likely.tolist(), start.tolist(), silence, half_life), abs=1e-12
        )
        assert found.sum() == pytest.approx(1)


@settings(deadline=None)
@given(deals())
def test_locate_many_gives_each_deal_alone_the_same_bits(case):
    seed, k, n, rows, silences = case
    matrix, likely, start = model(seed, k, n)
    signals, words, offsets = end_to_end(rows)
    many = locate_many(signals, words, offsets, matrix, likely, start, silence_days=silences)

    for number, (row, silence) in enumerate(zip(rows, silences, strict=True)):
        own, said, edges = end_to_end([row])
        alone = locate_many(own, said, edges, matrix, likely, start, silence_days=[silence])

        assert alone[0].tobytes() == many[number].tobytes()


@settings(deadline=None)
@given(deals())
def test_locate_many_equals_locate(case):
    seed, k, n, rows, silences = case
    matrix, likely, start = model(seed, k, n)
    signals, words, offsets = end_to_end(rows)

    found = locate_many(signals, words, offsets, matrix, likely, start, silence_days=silences)

    assert found.shape == (len(rows), k)
    for row, silence, here in zip(rows, silences, found, strict=True):
        alone = locate([a for a, _ in row], [w for _, w in row], matrix, likely, start, silence_days=silence)
        assert np.abs(here - alone).max() < 1e-9


@pytest.mark.parametrize(("distinct", "noise"), [(3, 0.15), (500, 0.15), (3, 1e-60)])
def test_locate_many_over_several_chunks_equals_locate(distinct, noise, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 64)
    monkeypatch.setattr(module, "_BLOCK", 100)
    rng = np.random.default_rng(5)
    matrix, likely, start = model(1, 4, 9, noise)
    lengths = rng.poisson(6, 300)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    signals, words = rng.integers(0, 9, offsets[-1]), rng.choice(rng.random(distinct), offsets[-1])
    silence = rng.random(300) * 60

    found = locate_many(signals, words, offsets, matrix, likely, start, silence_days=silence, half_life_days=10)

    for i, here in enumerate(found):
        own = slice(offsets[i], offsets[i + 1])
        alone = locate(signals[own], words[own], matrix, likely, start, silence_days=silence[i], half_life_days=10)
        assert np.abs(here - alone).max() < 1e-9


def test_locate_many_of_a_very_long_deal_beside_a_short_one():
    rng = np.random.default_rng(3)
    matrix, likely, start = model(2, 3, 5)
    signals, words = rng.integers(0, 5, 70_001), np.ones(70_001)

    found = locate_many(signals, words, [0, 70_000, 70_001], matrix, likely, start, silence_days=0)

    assert np.abs(found[0] - locate(signals[:-1], words[:-1], matrix, likely, start)).max() < 1e-9
    assert np.abs(found[1] - locate(signals[-1:], words[-1:], matrix, likely, start)).max() < 1e-9


def test_locate_many_of_no_deals_is_empty():
    assert locate_many([], [], [0], MATRIX, EMISSIONS, START, silence_days=[]).shape == (0, 2)


def test_locate_many_leaves_its_arguments_alone():
    signals, words, offsets = np.array([0, 1, 1]), np.array([1.0, 0.5, 0.8]), np.array([0, 1, 3])
    kept = [array.copy() for array in (signals, words, offsets)]

    locate_many(signals, words, offsets, MATRIX, EMISSIONS, START, silence_days=3.0)

    assert [array.tolist() for array in (signals, words, offsets)] == [array.tolist() for array in kept]


def test_locate_without_signals_is_start():
    assert locate([], [], MATRIX, EMISSIONS, [0.2, 0.8]).tolist() == [0.2, 0.8]


def test_locate_without_signals_ages_in_silence():
    halfway = locate([], [], MATRIX, EMISSIONS, [1, 0], silence_days=21)
    for_ever = locate([], [], MATRIX, EMISSIONS, [1, 0], silence_days=math.inf)

    assert halfway == pytest.approx([0.5 + 0.5 * 3 / 7, 0.5 * 4 / 7])
    assert for_ever == pytest.approx([3 / 7, 4 / 7])


def test_locate_of_a_word_without_weight_only_lets_a_moment_pass():
    heard = locate([0, 1], [1, 0], MATRIX, EMISSIONS, START)

    before = locate([0], [1], MATRIX, EMISSIONS, START)
    assert heard == pytest.approx([before[0] * 3 / 7 + before[1] / 3, before[0] * 4 / 7 + before[1] * 2 / 3])


def test_locate_of_one_stage_is_certain():
    assert locate([0, 0], [1, 0.5], [[0.45, 0.4, 0.05, 0.1]], [[1.0]], [1.0], silence_days=5).tolist() == [1.0]


def test_locate_of_a_very_long_deal_does_not_underflow():
    found = locate([0] * 5_000, [1.0] * 5_000, MATRIX, [[0.9, 0.1], [1e-9, 1]], START)

    assert found == pytest.approx([1, 0], abs=1e-6)


def test_locate_of_the_least_emissions_stays_a_distribution():
    likely = [[1e-200, 1.0], [1e-200, 1.0]]
    for found in (
        locate([0, 0, 0], [1, 1, 1], MATRIX, likely, START),
        locate_many([0, 0, 0], [1, 1, 1], [0, 3], MATRIX, likely, START, silence_days=0)[0],
    ):
        assert found.sum() == pytest.approx(1)


BAD_MODELS = [
    ({"signals": [2]}, "signals must lie between 0 and 1"),
    ({"signals": [-1]}, "signals must lie between 0 and 1"),
    ({"signals": [0.0]}, "signals must be whole numbers"),
    ({"words": [1.5]}, "words must lie between 0 and 1"),
    ({"words": [-0.1]}, "words must lie between 0 and 1"),
    ({"words": [float("nan")]}, "words must not hold NaN"),
    ({"words": []}, "words must have the shape 1"),
    ({"matrix": [[1.0]]}, "emissions must have the shape 1 x any"),
    ({"emissions": [[0.9, 0.1], [1.0, 0.0]]}, "above 0"),
    ({"emissions": [[0.9, 0.1]]}, "emissions must have the shape 2 x any"),
    ({"emissions": [[0.9, 2.0], [0.5, 0.5]]}, "emissions must lie between"),
    ({"start": [0.5, 0.6]}, "start must sum to 1"),
    ({"start": [1.0]}, "start must have the shape 2"),
    ({"start": [1.5, -0.5]}, "start must lie between 0"),
    ({"silence_days": -1.0}, "silence_days must lie between 0"),
    ({"silence_days": float("nan")}, "silence_days must not hold NaN"),
    ({"half_life_days": 0.0}, "half_life_days must be above 0"),
]


@pytest.mark.parametrize(("changed", "sentence"), BAD_MODELS)
def test_locate_refuses(changed, sentence):
    given_ = {"signals": [0], "words": [1.0], "matrix": MATRIX, "emissions": EMISSIONS, "start": START} | changed

    with pytest.raises(ValueError, match=sentence):
        locate(**given_)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        *BAD_MODELS,
        ({"offsets": [0, 2]}, "offsets must"),
        ({"offsets": [0]}, "offsets must start at 0"),
        ({"offsets": [1, 1]}, "offsets must start at 0"),
        ({"offsets": [0, 1, 0, 1]}, "offsets must start at 0"),
        ({"offsets": []}, "offsets must start at 0"),
        ({"silence_days": [1.0, 2.0]}, "silence_days must have the shape 1"),
    ],
)
def test_locate_many_refuses(changed, sentence):
    given_ = {
        "signals": [0],
        "words": [1.0],
        "offsets": [0, 1],
        "matrix": MATRIX,
        "emissions": EMISSIONS,
        "start": START,
        "silence_days": 0.0,
    } | changed

    with pytest.raises(ValueError, match=sentence):
        locate_many(**given_)
